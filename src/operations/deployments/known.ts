import { z } from 'zod'

import { knownCode } from '#catalog/code.ts'
import { defineOperation } from '#operations/operation.ts'

export const knownTexts = defineOperation({
  name: 'deployments.known',
  summary: 'Code versions of source texts that were deployed before, so that they keep them',
  permission: 'operator',
  // It only reads.
  audit: 'none',
  rest: { method: 'POST', path: '/v1/deployments/known' },
  input: z.strictObject({
    texts: z
      .array(z.string().regex(/^[0-9a-f]{64}$/))
      .max(1_000)
      .describe('SHA-256 of each text.'),
  }),
  output: z.object({
    known: z.array(
      z.object({ textSha256: z.string(), codeVersion: z.string(), reads: z.array(z.string()) }),
    ),
  }),
  async handler({ texts }, { parts }) {
    const found = await parts.catalog.asSystem(async (session) => {
      const codes = []
      for (const text of texts) codes.push(await knownCode(session, text))
      return codes
    })
    return {
      known: found.flatMap((code) => (code ? [{ ...code, reads: [...code.reads] }] : [])),
    }
  },
})
