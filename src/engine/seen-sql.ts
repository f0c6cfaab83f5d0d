import type { Value } from '#engine/session.ts'
import { identifier, literal } from '#engine/sql-text.ts'
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
  const values: Value[] = []
  const condition = conditionSql(columns, seen, (value) => `$${values.push(value)}`)
  return { condition, values }
}

/** The same for a view, which has no parameters: the values are string constants. */
export function filterText(columns: readonly ResultColumn[], seen: SeenRows | null): string {
  return conditionSql(columns, seen, (value) =>
    typeof value === 'string' ? literal(value) : `[${value.map(literal).join(', ')}]`,
  )
}

function conditionSql(
  columns: readonly ResultColumn[],
  seen: SeenRows | null,
  placeOf: (value: Value) => string,
): string {
  const filters = seen?.filters ?? []
  if (filters.length === 0) return ''
  const types = new Map(columns.map(({ name, type }) => [name, type]))
  const terms = filters.map((filter) => {
    const type = types.get(filter.column)
    // SQL text cannot hold NUL, and no row does that a filter with it could mean.
    const isJudged = type !== undefined && isScalar(type) && !String(filter.value).includes('\0')
    return isJudged && fits(filter) ? termSql(filter, type, placeOf(filter.value)) : 'false'
  })
  return ` WHERE ${terms.join(' AND ')}`
}

function fits({ op, value }: RowFilter): boolean {
  return Array.isArray(value) === (op === 'in')
}

function termSql({ column, op }: RowFilter, type: string, place: string): string {
  const name = identifier(column)
  if (op !== 'in') return `${name} ${operators[op]} TRY_CAST(${place}::VARCHAR AS ${type})`
  return `${name} IN (SELECT TRY_CAST(unnest(${place}::VARCHAR[]) AS ${type}))`
}

const operators = { eq: '=', ne: '<>', lt: '<', le: '<=', gt: '>', ge: '>=' } as const

const scalars =
  /^(VARCHAR|BOOLEAN|DATE|TIME|UUID|FLOAT|DOUBLE|TIMESTAMP( WITH TIME ZONE)?|U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|DECIMAL\(\d+,\s*\d+\))$/

function isScalar(type: string): boolean {
  return scalars.test(type)
}
