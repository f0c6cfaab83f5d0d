import type { Value } from '#engine/session.ts'
import { identifier } from '#engine/sql-text.ts'
import type { RowFilter } from '#model/access.ts'
import type { ResultColumn } from '#model/outcome.ts'
import type { SeenRows } from '#model/seen-rows.ts'

export function visibleColumns(
  columns: readonly ResultColumn[],
  seen: SeenRows | null,
): ResultColumn[] {
  const names = seen?.columns
  return columns.filter(({ name }) => names == null || names.includes(name))
}

/**
 * ` WHERE …` for the rows that are seen, and the values of its parameters: what somebody wrote into
 * a filter is never part of the text. A row that cannot be judged is not seen: the column is not
 * there, is empty, holds lists, or its type cannot read the value.
 */
export function filterSql(
  columns: readonly ResultColumn[],
  seen: SeenRows | null,
): { readonly condition: string; readonly values: readonly Value[] } {
  const filters = seen?.filters ?? []
  if (filters.length === 0) return { condition: '', values: [] }
  const types = new Map(columns.map(({ name, type }) => [name, type]))
  const values: Value[] = []
  const terms = filters.map((filter) => {
    const type = types.get(filter.column)
    if (type === undefined || !isScalar(type)) return 'false'
    const term = termSql(filter, type, `$${values.length + 1}`)
    if (term === null) return 'false'
    values.push(filter.value)
    return term
  })
  return { condition: ` WHERE ${terms.join(' AND ')}`, values }
}

function termSql({ column, op, value }: RowFilter, type: string, place: string): string | null {
  const name = identifier(column)
  if (Array.isArray(value) !== (op === 'in')) return null
  if (op !== 'in') return `${name} ${operators[op]} TRY_CAST(${place}::VARCHAR AS ${type})`
  return `${name} IN (SELECT TRY_CAST(unnest(${place}::VARCHAR[]) AS ${type}))`
}

const operators = { eq: '=', ne: '<>', lt: '<', le: '<=', gt: '>', ge: '>=' } as const

const scalars =
  /^(VARCHAR|BOOLEAN|DATE|TIME|UUID|FLOAT|DOUBLE|TIMESTAMP( WITH TIME ZONE)?|U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|DECIMAL\(\d+,\s*\d+\))$/

function isScalar(type: string): boolean {
  return scalars.test(type)
}
