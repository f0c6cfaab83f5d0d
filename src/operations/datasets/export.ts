import { resolveRows, rowsInput } from '#operations/datasets/rows-input.ts'
import { defineOperation } from '#operations/operation.ts'

export const exportDataset = defineOperation({
  name: 'datasets.export',
  summary: 'Published rows of a dataset, however many',
  permission: 'export',
  rest: { method: 'GET', path: '/v1/datasets/{dataset}/export' },
  input: rowsInput,
  output: 'stream',
  async handler(input, { parts, caller }) {
    const { stream } = await resolveRows(parts, caller.tenant, input)
    return stream
  },
})
