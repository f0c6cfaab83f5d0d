import { z } from 'zod'

import { listCells } from '#catalog/cells.ts'
import { MillraceError } from '#kernel/errors.ts'
import { cellData, cellName, toCellData } from '#operations/cells/cell-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const createCellOperation = defineOperation({
  name: 'cells.create',
  summary: 'Make a cell: an empty database and a lake for tenants whose data are to lie apart',
  permission: 'operator',
  audit: ['name', 'lake'],
  rest: { method: 'POST', path: '/v1/cells' },
  argumentFields: ['name'],
  input: z.strictObject({
    name: cellName,
    databaseUrl: z
      .url({ protocol: /^postgres(ql)?$/, error: 'is not an address that begins with postgres://' })
      .max(2_000)
      .optional()
      .meta({ secret: true })
      .describe('Its database: `postgres://user:password@host:5432/name`; default: in the home.'),
    lake: z
      .string()
      .min(1)
      .max(1_000)
      // What a relative one means depends on where a process was started.
      .regex(/^(\/|s3:\/\/[^/])/, 'is neither an absolute folder nor `s3://…`')
      .optional()
      .describe(
        'Where its files lie: an absolute folder or `s3://bucket/prefix`; default: in the home.',
      ),
  }),
  output: cellData,
  async handler({ name, databaseUrl = null, lake = null }, { parts }) {
    await parts.cells.create({ name, databaseUrl, lake })
    const [made] = await parts.directory.asSystem((session) =>
      listCells(session, { name, limit: 1 }),
    )
    if (!made) throw new MillraceError('cell-unknown', { cell: name })
    return toCellData(made)
  },
})
