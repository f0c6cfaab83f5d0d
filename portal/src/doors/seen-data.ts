/** What of the data somebody sees, counted and as a question. */

export interface SeenAccess {
  readonly endpoints: readonly string[] | null
  readonly columns: Readonly<Record<string, readonly string[]>>
  readonly rows: Readonly<
    Record<
      string,
      readonly {
        readonly column: string
        readonly op: string
        readonly value: string | readonly string[]
      }[]
    >
  >
}

export interface SeenCount {
  /** Datasets and endpoints that are seen, and all that there are. */
  readonly seen: number
  readonly all: number
  /** Of those seen: some columns only, some rows only. */
  readonly fewerColumns: number
  readonly fewerRows: number
}

/** `names`: of all datasets and endpoints. */
export function countSeen(access: SeenAccess, names: readonly string[]): SeenCount {
  const seen = names.filter((name) => access.endpoints === null || access.endpoints.includes(name))
  return {
    seen: seen.length,
    all: names.length,
    fewerColumns: seen.filter((name) => access.columns[name] !== undefined).length,
    fewerRows: seen.filter((name) => access.rows[name] !== undefined).length,
  }
}

/** The question by which one who sees all gets the rows that this access lets be seen. */
export function questionOf(
  { columns, rows }: SeenAccess,
  dataset: string,
): {
  readonly select?: readonly string[]
  readonly where?: Readonly<Record<string, readonly string[]>>
} {
  const select = columns[dataset]
  const conditions = Map.groupBy(rows[dataset] ?? [], ({ column }) => column)
  const where = Object.fromEntries(
    [...conditions].map(([column, all]) => [
      column,
      all.map(({ op, value }) =>
        // A list as JSON, for a value may hold a comma.
        typeof value === 'string' ? `${op}.${value}` : `${op}.${JSON.stringify(value)}`,
      ),
    ]),
  )
  return {
    ...(select !== undefined && { select }),
    ...(conditions.size > 0 && { where }),
  }
}
