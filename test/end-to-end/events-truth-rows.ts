/** One published row, as any door could give it. */
export type TruthRow = Readonly<Record<string, string | number | boolean | null>>

export function rowsOf<Value>(
  entries: ReadonlyMap<string, Value>,
  toRow: (key: string, value: Value) => TruthRow,
  order: readonly string[],
): TruthRow[] {
  return sorted(
    [...entries].map(([key, value]) => toRow(key, value)),
    order,
  )
}

/** By UTF-8 bytes, as DuckDB compares texts; NULL last. */
export function sorted(rows: readonly TruthRow[], order: readonly string[]): TruthRow[] {
  return rows.toSorted((a, b) => {
    for (const column of order) {
      const difference = compare(a[column] ?? null, b[column] ?? null)
      if (difference !== 0) return difference
    }
    return 0
  })
}

function compare(a: TruthRow[string], b: TruthRow[string]): number {
  if (a === b) return 0
  if (a === null) return 1
  if (b === null) return -1
  return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)))
}

export function sum(rows: readonly TruthRow[], column: string): number {
  return rows.reduce((total, row) => total + Number(row[column]), 0)
}

export function groupBy<Item, Key>(
  items: readonly Item[],
  keyOf: (item: Item) => Key,
): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group) group.push(item)
    else groups.set(keyOf(item), [item])
  }
  return groups
}

/**
 * Where published rows differ from the truth, as sentences; empty when they are equal. Rows may come
 * with numbers, bigints or texts, as the doors give them.
 */
export function differencesFrom(
  truth: readonly TruthRow[],
  published: readonly Readonly<Record<string, unknown>>[],
  name: string,
): string[] {
  const found: string[] = []
  if (truth.length !== published.length) {
    found.push(`${name}: ${published.length} rows are published, ${truth.length} are right`)
  }
  for (const [index, row] of truth.entries()) {
    const other = published[index]
    if (!other) break
    const columns = Object.keys(row).join()
    if (Object.keys(other).join() !== columns) {
      found.push(`${name}: the columns are ${Object.keys(other).join()}, right is ${columns}`)
      break
    }
    for (const [column, value] of Object.entries(row)) {
      if (textOf(other[column]) === textOf(value)) continue
      found.push(
        `${name} row ${index + 1}: ${column} is ${textOf(other[column])}, right is ${textOf(value)}`,
      )
      if (found.length >= 20) return found
    }
  }
  return found
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return 'NULL'
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') {
    return String(value)
  }
  return typeof value === 'string' ? value : JSON.stringify(value)
}
