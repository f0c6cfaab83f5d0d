import { pureTableFunctions } from '#definitions/sql-rules.ts'
import { spansOf } from '#definitions/sql-text.ts'
import { isNode, listOf, nodesOf, tablesOf, textOf } from '#definitions/sql-tree.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { ParsedQuery, QueryParameter } from '#engine/readers/query-job.ts'

/** Scalar functions that tell of the process or write into it. */
const surroundings = new Set(
  `current_setting getvariable getenv write_log nextval currval current_query current_query_id
   current_connection_id current_transaction_id txid_current current_schemas in_search_path`.split(
    /\s+/,
  ),
)

/**
 * What a statement reads, from the tree that DuckDB's parser gives. Throws `query-invalid` for anything
 * but one SELECT over tables by their plain names: no files, catalogs, settings or functions that
 * lead out of the tables.
 */
export function judgeStatement(subject: string, serialized: unknown): ParsedQuery {
  const refuse = (message: string) => new MillraceError('query-invalid', { subject, message })
  const answer = isNode(serialized) ? serialized : {}
  if (answer['error'] === true) {
    const isOther = textOf(answer, 'error_type') === 'not implemented'
    throw refuse(isOther ? otherStatement(textOf(answer, 'error_message')) : said(answer))
  }
  const statements = listOf(answer, 'statements').filter(isNode)
  if (statements.length !== 1) {
    throw refuse(`the text holds ${statements.length} statements where one SELECT is expected`)
  }
  const parameters = new Set<string>()
  for (const node of nodesOf(statements)) {
    if (node['type'] === 'SHOW_REF') throw refuse('DESCRIBE, SHOW and SUMMARIZE read no rows')
    if (isNode(node['at_clause'])) throw refuse('AT is not known here: ask for an earlier state')
    const name = textOf(node, 'function_name').toLowerCase()
    if (node['class'] === 'FUNCTION' && surroundings.has(name)) {
      throw refuse(`${name}() reads what lies outside the datasets`)
    }
    if (node['type'] === 'TABLE_FUNCTION' && isNode(node['function'])) {
      const called = textOf(node['function'], 'function_name').toLowerCase()
      if (!pureTableFunctions.has(called)) {
        throw refuse(`${called}() reads what lies outside the datasets`)
      }
    }
    if (node['class'] === 'PARAMETER') parameters.add(textOf(node, 'identifier'))
  }
  for (const parameter of parameters) {
    if (/^\d+$/.test(parameter))
      throw refuse('parameters have names: write $name in place of ? or $1')
  }
  const tables = new Set<string>()
  for (const { name, qualifier } of tablesOf(statements)) {
    if (qualifier !== '')
      throw refuse(`"${qualifier}.${name}" is not a dataset: name it without "${qualifier}."`)
    tables.add(name)
  }
  return { tables: [...tables], parameters: [...parameters] }
}

function otherStatement(message: string): string {
  return /parameters/i.test(message)
    ? 'parameters have names: write $name in place of ? or $1'
    : 'it is not a SELECT (for PIVOT, name the values: FROM … PIVOT (… FOR x IN (…)))'
}

function said(answer: Readonly<Record<string, unknown>>): string {
  const message = answer['error_message']
  return typeof message === 'string' && message !== '' ? message : 'DuckDB cannot parse it'
}

/** Throws `query-invalid` where a statement reads something that it is not given. */
export function assertGiven(
  subject: string,
  { tables, parameters }: ParsedQuery,
  datasets: readonly string[],
  given: Readonly<Record<string, QueryParameter>>,
): void {
  const known = new Set(datasets.map((name) => name.toLowerCase()))
  const table = tables.find((name) => !known.has(name.toLowerCase()))
  if (table !== undefined) {
    throw new MillraceError('query-invalid', { subject, message: `there is no dataset "${table}"` })
  }
  const parameter = parameters.find((name) => !Object.hasOwn(given, name))
  if (parameter !== undefined) {
    const message = `the parameter $${parameter} has no value`
    throw new MillraceError('query-invalid', { subject, message })
  }
}

const typeText =
  /^(VARCHAR|BOOLEAN|DATE|TIME|UUID|FLOAT|DOUBLE|TIMESTAMP( WITH TIME ZONE)?|U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|DECIMAL\(\d+,\s*\d+\))(\[\])?$/

/**
 * The text with each `$name` as a value of its type (which the engine then knows before it has one),
 * and without the semicolon at its end. The values themselves never stand in it.
 */
export function typedStatement(
  subject: string,
  sql: string,
  parameters: Readonly<Record<string, QueryParameter>>,
): string {
  for (const [name, { type }] of Object.entries(parameters)) {
    if (typeText.test(type)) continue
    const message = `the parameter $${name} has the unknown type ${type}`
    throw new MillraceError('query-invalid', { subject, message })
  }
  let text = ''
  let end = 0
  for (const { kind, start, end: until } of spansOf(sql)) {
    const part = sql.slice(start, until)
    if (kind === 'comment') {
      text += ' '
      continue
    }
    text +=
      kind !== 'code'
        ? part
        : part.replace(/\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)/g, (whole, name: string) => {
            const type = Object.hasOwn(parameters, name) ? parameters[name]?.type : undefined
            return type === undefined ? whole : `CAST($${name} AS ${type})`
          })
    const meant = kind === 'code' ? text.replace(/[;\s]+$/, '') : text
    if (part.trim() !== '') end = meant.length
  }
  return text.slice(0, end)
}
