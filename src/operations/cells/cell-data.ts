import { z } from 'zod'

import type { Cell } from '#catalog/cells.ts'

export const cellName = z
  .string()
  .regex(/^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?$/, {
    error: 'is not a name: lower-case letters, digits and `-`, at most 40 of them',
  })
  .meta({ names: 'cell' })
  .describe('Name of the cell: lower-case letters, digits, `-`.')

export const cellData = z
  .object({
    name: z.string(),
    /** Address of its database without the password, or its folder. */
    place: z.string(),
    /** A folder or `s3://…`; null: in the folder of the cell. */
    lake: z.string().nullable(),
    tenants: z.int(),
    createdAt: z.iso.datetime(),
    /** The process that does its work at this moment; null: none does. */
    holder: z.string().nullable(),
    /** When one will look into it again; null: when something is asked for. */
    dueAt: z.iso.datetime().nullable(),
  })
  .meta({ entity: 'Cell' })

export function toCellData(cell: Cell): z.input<typeof cellData> {
  const { name, place, lake, tenants, createdAt, holder, dueAt } = cell
  return {
    name,
    place,
    lake,
    tenants,
    createdAt: createdAt.toISOString(),
    holder,
    dueAt: dueAt?.toISOString() ?? null,
  }
}
