/** One condition on the rows that somebody may see; those of a dataset hold together. */
export interface RowFilter {
  readonly column: string
  readonly op: 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge' | 'in'
  /** Text that the column's type can read; a list for `in`. */
  readonly value: string | readonly string[]
}

/**
 * What of a tenant's published data somebody may see. Datasets and endpoints share their names; what
 * is not named in `columns` or `rows` shows all of it, provided that `endpoints` lets it be seen.
 */
export interface Access {
  /** Null: every dataset and endpoint. */
  readonly endpoints: readonly string[] | null
  readonly columns: Readonly<Record<string, readonly string[]>>
  readonly rows: Readonly<Record<string, readonly RowFilter[]>>
}

export const fullAccess: Access = Object.freeze({ endpoints: null, columns: {}, rows: {} })

/** True where less than everything may be seen. */
export function isLimited({ endpoints, columns, rows }: Access): boolean {
  return endpoints !== null || Object.keys(columns).length > 0 || Object.keys(rows).length > 0
}

export function maySee({ endpoints }: Access, name: string): boolean {
  return endpoints === null || endpoints.includes(name)
}
