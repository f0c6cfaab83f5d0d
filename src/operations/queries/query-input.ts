import { z } from 'zod'

import type { Caller } from '#operations/operation.ts'

export const sqlField = z
  .string()
  .min(1)
  .max(100_000)
  .describe("One SELECT over datasets by their names, in DuckDB's SQL; `$name` for parameters.")

export const partitionedField = z
  .record(z.string().min(1).max(100), z.string().min(1).max(1000))
  .describe(
    'Partitions of a dataset that are read: {"orders": "2021-04..2021-06"}; of others, all.',
  )

/** SQL of the company's own people runs in a process of its own; that of everybody else in the jail. */
export function trustOf({ permissions }: Pick<Caller, 'permissions'>): 'company' | 'customer' {
  return permissions.has('operator') ? 'company' : 'customer'
}
