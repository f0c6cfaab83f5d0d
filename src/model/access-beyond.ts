import { maySee, type Access, type RowFilter } from '#model/access.ts'

/** What `given` shows and `own` does not: a dataset, or `*` for all of them; null: nothing. */
export function beyond(given: Access, own: Access): string | null {
  if (own.endpoints !== null && given.endpoints === null) return '*'
  const hidden = given.endpoints?.find((name) => !maySee(own, name))
  if (hidden !== undefined) return hidden
  const seen = (name: string) => maySee(given, name)
  const columns = Object.entries(own.columns).find(
    ([name, allowed]) =>
      seen(name) &&
      !(valueOf(given.columns, name)?.every((column) => allowed.includes(column)) ?? false),
  )
  if (columns) return columns[0]
  const rows = Object.entries(own.rows).find(
    ([name, filters]) =>
      seen(name) &&
      !filters.every((filter) => valueOf(given.rows, name)?.some((other) => isSame(filter, other))),
  )
  return rows ? rows[0] : null
}

function isSame(a: RowFilter, b: RowFilter): boolean {
  return (
    a.column === b.column && a.op === b.op && JSON.stringify(a.value) === JSON.stringify(b.value)
  )
}

function valueOf<T>(values: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined
}
