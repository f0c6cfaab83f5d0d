import { z } from 'zod'

import { setRule } from '#catalog/subject-rules.ts'
import { defineOperation } from '#operations/operation.ts'
import { scopeOf, subjectInput } from '#operations/subjects/subject-fields.ts'

export const withholdSubject = defineOperation({
  name: 'subjects.withhold',
  summary: 'Collection off: rows about a subject in files that are read from now on are not kept',
  permission: 'write',
  rest: { method: 'POST', path: '/v1/subjects/{kind}/withhold', bodyBytesMax: 700_000 },
  argumentFields: ['value'],
  input: subjectInput,
  output: z.object({ kind: z.string(), collection: z.literal('off') }),
  async handler({ kind, value }, { parts, caller }) {
    scopeOf(parts, caller, kind)
    await parts.catalog.asTenant(caller.tenant, (session) =>
      setRule(session, parts.random, { kind, value, state: 'off' }),
    )
    return { kind, collection: 'off' as const }
  },
})
