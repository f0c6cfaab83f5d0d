import { toMillraceError } from '#kernel/errors.ts'
import { streamOf } from '#kernel/held-bytes.ts'
import { datasetOutput, datasetQuestion, rowsInput } from '#operations/datasets/rows-input.ts'
import { deliverInstead } from '#operations/deliveries/accepted.ts'
import { defineOperation } from '#operations/operation.ts'

export const datasetRows = defineOperation({
  name: 'datasets.rows',
  summary: 'Published rows of a dataset, as far as one request may answer them',
  permission: 'read',
  honoursAccess: true,
  rest: {
    method: 'GET',
    path: '/v1/datasets/{dataset}/rows',
    gathers: { where: 'where.' },
    formatSuffix: true,
  },
  input: rowsInput,
  output: 'stream',
  async handler(input, { parts, caller, signal }) {
    const { format, cells, cursor = null } = input
    const question = datasetQuestion(parts, caller, input)
    const answer =
      cursor === null
        ? await parts.answers.ask(caller, question, signal)
        : await parts.answers.resume(caller, question, cursor, signal)
    const totalRows = await answer.total(signal)
    const max = parts.limits.rowsMax
    const isPage = cursor !== null || (input.limit !== undefined && input.limit <= max)
    if (isPage) {
      const request = { limit: Math.min(input.limit ?? max, max), cursor, format, cells }
      const { bytes, rows, next } = await answer.page(request, signal)
      return datasetOutput(input, question, answer, {
        rows,
        totalRows,
        next,
        sizeBytes: bytes.byteLength,
        etag: answer.etag(format, cells, request),
        open: async () => streamOf(bytes),
      })
    }
    try {
      const whole = await answer.whole(format, cells, signal)
      return datasetOutput(input, question, answer, {
        rows: whole.rows,
        totalRows,
        etag: answer.etag(format, cells),
        sizeBytes: whole.sizeBytes ?? undefined,
        open: () => whole.open(),
      })
    } catch (error) {
      const mayDeliver = input.limit === undefined && caller.permissions.has('export')
      if (toMillraceError(error).code !== 'rows-too-many' || !mayDeliver) throw error
      const asked = { question, receipt: answer.receipt }
      const wish = { format, cells, title: input.dataset, rowsExpected: totalRows }
      return deliverInstead(parts, caller, asked, wish)
    }
  },
})
