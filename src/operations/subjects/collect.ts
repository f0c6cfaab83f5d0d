import { z } from 'zod'

import { clearRule } from '#catalog/subject-rules.ts'
import { defineOperation } from '#operations/operation.ts'
import { scopeOf, subjectInput } from '#operations/subjects/subject-fields.ts'

export const collectSubject = defineOperation({
  name: 'subjects.collect',
  summary: 'Collection on again, for files that are read from now on',
  permission: 'write',
  rest: { method: 'POST', path: '/v1/subjects/{kind}/collect', bodyBytesMax: 700_000 },
  argumentFields: ['value'],
  input: subjectInput,
  output: z.object({ kind: z.string(), collection: z.literal('on') }),
  async handler({ kind, value }, { parts, caller }) {
    scopeOf(parts, caller, kind)
    await parts.catalog.asTenant(caller.tenant, (session) => clearRule(session, kind, value))
    return { kind, collection: 'on' as const }
  },
})
