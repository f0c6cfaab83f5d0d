import { z } from 'zod'

import { millraceVersion } from '#kernel/version.ts'
import { openApiDocument } from '#operations/openapi/document.ts'
import type { OpenApiDocument } from '#operations/openapi/openapi-types.ts'
import { defineOpenOperation } from '#operations/operation.ts'

/** An OpenAPI document, whose form is OpenAPI's own. */
export const documentData = z.looseObject({ openapi: z.string() })

/** It takes a tenth of a second, and changes with the address only. */
let kept: { readonly publicUrl: string; readonly document: OpenApiDocument } | null = null

export const showOpenApi = defineOpenOperation({
  name: 'openapi.show',
  summary: 'This description of the API: OpenAPI 3.1, the same for everybody',
  permission: 'anyone',
  rest: { method: 'GET', path: '/v1/openapi.json' },
  input: z.strictObject({}),
  output: documentData,
  async handler(_input, { parts }) {
    // The registry names this operation, too: it is complete only once everything has been read.
    const { operations } = await import('#operations/registry.gen.ts')
    const publicUrl = parts.publicUrl()
    if (kept?.publicUrl !== publicUrl) {
      const options = { publicUrl, version: millraceVersion() }
      kept = { publicUrl, document: openApiDocument(operations, options) }
    }
    return { ...kept.document }
  },
})
