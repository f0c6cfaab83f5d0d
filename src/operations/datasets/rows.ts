import { MillraceError } from '#kernel/errors.ts'
import { resolveRows, rowsInput } from '#operations/datasets/rows-input.ts'
import { defineOperation } from '#operations/operation.ts'

export const datasetRows = defineOperation({
  name: 'datasets.rows',
  summary: 'Published rows of a dataset, as far as one request may answer them',
  permission: 'read',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/datasets/{dataset}/rows' },
  input: rowsInput,
  output: 'stream',
  async handler(input, { parts, caller, signal }) {
    const { rows, stream } = await resolveRows(parts, caller, input, signal)
    const max = parts.limits.rowsMax
    if (rows.rows > max) {
      const { dataset, format } = input
      throw new MillraceError('rows-too-many', { dataset, rows: rows.totalRows, max, format })
    }
    return stream
  },
})
