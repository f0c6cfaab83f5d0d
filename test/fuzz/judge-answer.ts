import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'

import { errorCatalog } from '#kernel/error-catalog.ts'
import type { OpenApiDocument, Response } from '#operations/openapi/openapi-types.ts'
import type { Answer, Described } from './call-operation.ts'

const PROBLEM = 'application/problem+json'

/** Says what is wrong with an answer; null: it is as the document describes it. */
export type Judge = (operation: Described, answer: Answer) => string | null

/** Knows nothing but the document. */
export function judgeOf(document: OpenApiDocument): Judge {
  const ajv = new Ajv2020({ strict: false, allErrors: false })
  addFormats.default(ajv)
  ajv.addSchema({ ...document, $id: 'document' })
  const responses = document.components['responses'] as Readonly<Record<string, Response>>

  function responseFor({ item }: Described, status: number): Response | undefined {
    const found =
      item.responses[String(status)] ?? (status >= 400 ? item.responses['default'] : undefined)
    if (!found || !('$ref' in found)) return found
    return responses[found.$ref.split('/').at(-1) ?? '']
  }

  return (operation, { status, type, bytes }) => {
    if (status === 0) return `the answer broke off: ${bytes.toString()}`
    if (status === 500) return `500: ${bytes.toString().slice(0, 400)}`
    const response = responseFor(operation, status)
    if (!response) return `the status ${status} is not documented`
    if (!response.content) return bytes.length === 0 ? null : `${status} has a body`
    if ('*/*' in response.content) return null
    if (!(type in response.content)) return `${status} comes as ${type}, which is not documented`
    if (type !== 'application/json' && type !== PROBLEM) return null
    const body = JSON.parse(bytes.toString()) as Record<string, unknown>
    const pointer = ['paths', operation.path, operation.method.toLowerCase(), 'responses']
    const at =
      type === PROBLEM
        ? 'document#/components/schemas/Problem'
        : `document#/${[...pointer, String(status), 'content', type, 'schema'].map(escaped).join('/')}`
    const check = ajv.getSchema(at)
    if (!check) return `no schema is found at ${at}`
    if (!check(body)) return `${status} is not of its schema: ${ajv.errorsText(check.errors)}`
    if (type !== PROBLEM) return null
    const code = String(body['code'])
    if (!(code in errorCatalog)) return `the code ${code} is in no catalogue`
    if (body['status'] !== status)
      return `the problem says ${String(body['status'])}, the answer ${status}`
    return body['type'] === `urn:millrace:error:${code}` ? null : `the type ${String(body['type'])}`
  }
}

function escaped(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))
}
