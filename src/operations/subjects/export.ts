import { noteLookUp } from '#catalog/subject-rules.ts'
import { MillraceError } from '#kernel/errors.ts'
import { defineOperation } from '#operations/operation.ts'
import { scopeOf, subjectInput } from '#operations/subjects/subject-fields.ts'

export const exportSubject = defineOperation({
  name: 'subjects.export',
  summary: 'All published rows about one subject, as lines of JSON: dataset, partition, row',
  permission: 'export',
  rest: { method: 'POST', path: '/v1/subjects/{kind}/export', bodyBytesMax: 700_000 },
  argumentFields: ['value'],
  input: subjectInput,
  output: 'stream',
  async handler({ kind, value }, { parts, caller, signal }) {
    const scope = scopeOf(parts, caller, kind, signal)
    await parts.catalog.asTenant(caller.tenant, noteLookUp)
    const collected = await parts.subjects.collect(scope, value)
    const { rows, commitNumber } = collected
    if (rows === 0) {
      await collected.discard()
      throw new MillraceError('subject-unknown', { kind })
    }
    return {
      contentType: 'application/x-ndjson; charset=utf-8',
      fileName: `${kind}.ndjson`.replace(/[^\w.-]+/g, '_'),
      rows,
      totalRows: rows,
      partitions: 1,
      partitionsAsked: 1,
      commitNumber,
      // The value is in no header, not even as a hash: two answers are never compared.
      etag: `"${parts.ids.next('subject')}"`,
      open: async () => collected.open(),
      close: () => collected.discard(),
    }
  },
})
