import { requestErasure } from '#catalog/erasures.ts'
import { redactSubject, setRule } from '#catalog/subject-rules.ts'
import { erasureData, toErasureData } from '#operations/erasures/erasure-data.ts'
import { defineOperation } from '#operations/operation.ts'
import { scopeOf, subjectInput } from '#operations/subjects/subject-fields.ts'

export const eraseSubject = defineOperation({
  name: 'subjects.erase',
  summary: 'Take everything about a subject out, for good; asked again it is done once',
  permission: 'admin',
  home: 'tenant',
  rest: { method: 'POST', path: '/v1/subjects/{kind}/erase', bodyBytesMax: 700_000 },
  argumentFields: ['value'],
  input: subjectInput,
  output: erasureData,
  async handler({ kind, value }, { parts, caller }) {
    scopeOf(parts, caller, kind)
    const erasure = await parts.catalog.asTenant(caller.tenant, async (session) => {
      const hash = await setRule(session, parts.random, { kind, value, state: 'erased' })
      await redactSubject(session, value)
      const id = parts.ids.next('era')
      return requestErasure(session, { id, kind, hash, by: caller.name })
    })
    return toErasureData(erasure)
  },
})
