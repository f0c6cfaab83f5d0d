import type { Condition, Operator } from '~/rows/conditions.ts'
import type { Question } from '~/rows/question.ts'

/** A column of the answer: `DECIMAL(18,2)`. */
interface Column {
  readonly name: string
  readonly type: string
}

/** `2021`, `2021-04`, `2021-04-17T05`, or from one to another. */
const PERIODS = /^(\d{4}(?:-\d{2}){0,2}(?:T\d{2})?)(?:\.\.(\d{4}(?:-\d{2}){0,2}(?:T\d{2})?))?$/

/**
 * The same question of a dataset as SQL, for whoever would rather write: values as literals, and the
 * columns that are shown, if they are known. What no SELECT can say stands in a comment, for whoever
 * sends it.
 */
export function sqlOf(
  { subject, partition, where, select, sort, asOf }: Question,
  columns: readonly Column[] = [],
): string {
  const names = select ?? columns.map(({ name }) => name)
  const typeOf = new Map(columns.map(({ name, type }) => [name, type]))
  const periods = partition === null ? null : periodSql(partition)
  const conditions = [
    ...(periods === null ? [] : [periods]),
    ...where.map((condition) => conditionSql(condition, typeOf.get(condition.column))),
  ]
  const beside = {
    ...(partition !== null && periods === null && { partitions: { [subject.name]: partition } }),
    ...(asOf !== null && { asOf }),
  }
  return [
    ...(Object.keys(beside).length > 0 ? [`-- asked with ${JSON.stringify(beside)}`] : []),
    `SELECT ${names.length === 0 ? '*' : names.map(identifier).join(', ')}`,
    `FROM ${identifier(subject.name)}`,
    ...(conditions.length > 0 ? [`WHERE ${conditions.join('\n  AND ')}`] : []),
    ...(sort === null
      ? []
      : [`ORDER BY ${identifier(sort.column)}${sort.descending ? ' DESC' : ''} NULLS LAST`]),
  ].join('\n')
}

/** Names of periods begin with those of the longer ones around them. Null: it names no periods. */
function periodSql(partition: string): string | null {
  const [, from, to = from] = PERIODS.exec(partition) ?? []
  if (from === undefined || to === undefined) return null
  if (from === to) return `starts_with("partition", ${literal(from)})`
  const [first, last] = [from, to].map((name) => `left("partition", ${name.length})`)
  return `${first} >= ${literal(from)} AND ${last} <= ${literal(to)}`
}

const symbols: Partial<Record<Operator, string>> = {
  eq: '=',
  ne: '<>',
  lt: '<',
  le: '<=',
  gt: '>',
  ge: '>=',
}

function conditionSql({ column, op, value }: Condition, type: string | undefined): string {
  const name = identifier(column)
  if (op === 'is') return `${name} IS ${value === 'null' ? 'NULL' : 'NOT NULL'}`
  if (op === 'in') return `${name} IN (${listOf(value).map(valueOf(type)).join(', ')})`
  if (op === 'starts') return `starts_with(${name}, ${literal(value)})`
  if (op === 'contains') return `contains(${name}, ${literal(value)})`
  return `${name} ${symbols[op] ?? '='} ${valueOf(type)(value)}`
}

/** `a,b`, or as JSON where a value holds a comma. */
function listOf(value: string): readonly string[] {
  if (!value.startsWith('[')) return value.split(',')
  try {
    const list: unknown = JSON.parse(value)
    return Array.isArray(list) ? list.map(String) : [value]
  } catch {
    // Not read by the server either, which says so.
    return [value]
  }
}

/** A decimal is compared with all digits that were written: a text would be rounded to the column's. */
const valueOf = (type: string | undefined) => (value: string) =>
  type?.startsWith('DECIMAL') && /^-?\d+(\.\d+)?$/.test(value) ? value : literal(value)

const identifier = (name: string) => `"${name.replaceAll('"', '""')}"`
const literal = (value: string) => `'${value.replaceAll("'", "''")}'`
