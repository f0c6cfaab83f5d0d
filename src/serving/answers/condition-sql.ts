import { identifier } from '#engine/sql-text.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { RowFilter } from '#model/access.ts'
import type { ResultColumn } from '#model/outcome.ts'
import { valueProblem } from '#model/row-filter.ts'
import type { Binder } from '#serving/answers/binder.ts'
import { columnOf } from '#serving/answers/columns.ts'
import type { Condition } from '#serving/question.ts'

/** Values of one list: more make a request that is no question any more. */
const VALUES_MAX = 1000

const comparisons = { eq: '=', ne: '<>', lt: '<', le: '<=', gt: '>', ge: '>=' } as const

const scalars =
  /^(VARCHAR|BOOLEAN|DATE|TIME|UUID|FLOAT|DOUBLE|TIMESTAMP( WITH TIME ZONE)?|U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|DECIMAL\(\d+,\s*\d+\))$/

export function isScalar(type: string): boolean {
  return scalars.test(type)
}

/**
 * Terms of a WHERE for what whoever asks wants to see; all hold together. As in SQL, an empty cell
 * meets no condition but `is.null`. Throws `column-unknown`, `condition-invalid`.
 */
export function conditionTerms(
  subject: string,
  columns: readonly ResultColumn[],
  conditions: readonly Condition[],
  binder: Binder,
): string[] {
  return conditions.map((condition) => {
    const column = columnOf(subject, columns, condition.column)
    const term = termSql(condition, column, binder)
    if (typeof term === 'string') return term
    throw new MillraceError('condition-invalid', { column: column.name, problem: term.problem })
  })
}

/**
 * The same for what somebody may see: a condition that no row can be judged by hides every row, and
 * tells nothing.
 */
export function filterTerms(
  columns: readonly ResultColumn[],
  filters: readonly RowFilter[],
  binder: Binder,
): string[] {
  return filters.map((filter) => {
    const column = columns.find(({ name }) => name === filter.column)
    const term = column ? termSql(filter, column, binder) : 'false'
    return typeof term === 'string' ? term : 'false'
  })
}

function termSql(
  condition: Condition,
  { name, type }: ResultColumn,
  { bind }: Binder,
): string | { readonly problem: string } {
  const field = identifier(name)
  const { op, value } = condition
  if (op === 'is') {
    if (value === 'null') return `${field} IS NULL`
    if (value === 'not-null') return `${field} IS NOT NULL`
    return { problem: '`is` takes null or not-null' }
  }
  if (!isScalar(type))
    return { problem: `${name} holds ${type}, which only \`is\` can be asked of` }
  if (op === 'in') {
    if (!Array.isArray(value)) return { problem: '`in` takes a list of values' }
    if (value.length === 0) return 'false'
    if (value.length > VALUES_MAX) return { problem: `\`in\` takes at most ${VALUES_MAX} values` }
    const places: string[] = []
    for (const text of value as readonly string[]) {
      const problem = valueProblem(name, type, text)
      if (problem !== null) return { problem }
      places.push(bind(boundType(type, text), text))
    }
    return `${field} IN (${places.join(', ')})`
  }
  if (typeof value !== 'string') return { problem: `\`${op}\` takes one value` }
  if (op === 'starts' || op === 'contains') {
    if (type !== 'VARCHAR') return { problem: `${name} is no text, which \`${op}\` looks into` }
    const called = op === 'starts' ? 'starts_with' : 'contains'
    return `${called}(${field}, ${bind('VARCHAR', value)})`
  }
  if (type === 'BOOLEAN' && op !== 'eq' && op !== 'ne') {
    return { problem: `${name} is true or false: eq, ne, in and is are the conditions for it` }
  }
  const problem = valueProblem(name, type, value)
  if (problem !== null) return { problem }
  return `${field} ${comparisons[op]} ${bind(boundType(type, value), value)}`
}

/** A decimal with more digits than the column is compared as it is, not rounded before. */
function boundType(type: string, value: string): string {
  const [, , scale] = /^DECIMAL\((\d+),\s*(\d+)\)$/.exec(type) ?? []
  if (scale === undefined) return type
  const fraction = /\.(\d+)$/.exec(value)?.[1]?.length ?? 0
  return `DECIMAL(38,${Math.max(Number(scale), fraction)})`
}
