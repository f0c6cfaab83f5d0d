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
 * ` WHERE …` for the rows that are seen, for a view: the values are string constants, read by the
 * column's type. A row that cannot be judged is not seen: the column is not there, is empty, holds
 * lists, or its type cannot read the value.
 */
export function filterText(columns: readonly ResultColumn[], seen: SeenRows | null): string {
  const filters = seen?.filters ?? []
  if (filters.length === 0) return ''
  const types = new Map(columns.map(({ name, type }) => [name, type]))
  const terms = filters.map((filter) => {
    const type = types.get(filter.column)
    // SQL text cannot hold NUL, and no row does that a filter with it could mean.
    const isJudged = type !== undefined && isScalar(type) && !String(filter.value).includes('\0')
    return isJudged && fits(filter) ? termSql(filter, type) : 'false'
  })
  return ` WHERE ${terms.join(' AND ')}`
}

function fits({ op, value }: RowFilter): boolean {
  return Array.isArray(value) === (op === 'in')
}

function termSql({ column, op, value }: RowFilter, type: string): string {
  const name = identifier(column)
  const place = typeof value === 'string' ? literal(value) : `[${value.map(literal).join(', ')}]`
  if (op !== 'in') return `${name} ${operators[op]} TRY_CAST(${place}::VARCHAR AS ${type})`
  return `${name} IN (SELECT TRY_CAST(unnest(${place}::VARCHAR[]) AS ${type}))`
}

const operators = { eq: '=', ne: '<>', lt: '<', le: '<=', gt: '>', ge: '>=' } as const

const scalars =
  /^(VARCHAR|BOOLEAN|DATE|TIME|UUID|FLOAT|DOUBLE|TIMESTAMP( WITH TIME ZONE)?|U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|DECIMAL\(\d+,\s*\d+\))$/

function isScalar(type: string): boolean {
  return scalars.test(type)
}
