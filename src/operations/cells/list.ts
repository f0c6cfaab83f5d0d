import { z } from 'zod'

import { listCells } from '#catalog/cells.ts'
import { cellData, toCellData } from '#operations/cells/cell-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const listCellsOperation = defineOperation({
  name: 'cells.list',
  summary: 'All cells by name, without opening one',
  permission: 'operator',
  rest: { method: 'GET', path: '/v1/cells' },
  input: z.strictObject({
    after: z.string().max(60).optional().describe('Those behind this name.'),
    limit: z.int().min(1).max(1_000).default(100).describe('At most so many.'),
  }),
  output: z.object({ cells: z.array(cellData) }),
  async handler({ after, limit }, { parts }) {
    const cells = await parts.directory.asSystem((session) =>
      listCells(session, { ...(after !== undefined && { after }), limit }),
    )
    return { cells: cells.map(toCellData) }
  },
})
