import { definitionError, type Place } from '#definitions/definition-error.ts'
import { whimsOf, type Whim } from '#definitions/determinism.ts'
import type { SerializeSql } from '#definitions/duckdb-parser.ts'
import { lineAtByte, lineAtCharacter } from '#definitions/sql-text.ts'
import { isNode, listOf, nodesOf, offsetOf, tablesOf, textOf } from '#definitions/sql-tree.ts'

/** The one-row relation that tells a statement which partition it computes. */
export const THIS_PARTITION = 'this_partition'

export interface ParsedSql {
  readonly tree: unknown
  /** Datasets by their names in lower case, in order of first appearance, without duplicates. */
  readonly reads: readonly string[]
}

// Table functions that only rearrange what they are given.
export const pureTableFunctions = new Set(
  'unnest range generate_series json_each json_tree repeat repeat_row regexp_split_to_table'.split(
    ' ',
  ),
)

/**
 * Parses one statement and holds it to the rules of an analysis: a single SELECT that reads
 * datasets only and, unless it is volatile, gives the same rows on every run. That of an endpoint may
 * have named parameters, and there is no partition that it computes.
 */
export async function parseAnalysisSql(
  statement: string,
  options: {
    readonly place: Place
    readonly volatile: boolean
    readonly serializeSql: SerializeSql
    readonly of?: 'analysis' | 'endpoint'
  },
): Promise<ParsedSql> {
  const { place, volatile, of = 'analysis' } = options
  const lineOf = (line: number): Place => ({ file: place.file, line: (place.line ?? 1) - 1 + line })
  const at = (offset: number | undefined) =>
    offset === undefined ? place : lineOf(lineAtByte(statement, offset))
  const serialized = await options.serializeSql(statement)
  const tree = onlySelect(serialized, place, (offset) => lineOf(lineAtCharacter(statement, offset)))
  if (of === 'analysis') refuseParameters(serialized, place)
  refuseOutside(tree, at)
  const whim = volatile ? undefined : whimsOf(tree)[0]
  if (whim) throw definitionError(at(whim.offset), whim.message, wayOutOf(whim, of))
  const tables = tablesOf(tree)
  for (const table of tables) {
    const written = table.qualifier === '' ? table.name : `${table.qualifier}.${table.name}`
    if (/[./\\*?:]/.test(written)) {
      throw definitionError(
        at(table.offset),
        `"${written}" is not a dataset: an ${of} reads no files, catalogs or addresses`,
        'Declare a source for it in sources/, and read that by its name.',
      )
    }
  }
  const names = tables
    .map(({ name }) => name.toLowerCase())
    .filter((name) => of === 'endpoint' || name !== THIS_PARTITION)
  return { tree, reads: [...new Set(names)] }
}

/** Trees of scalar expressions (checks, derived columns): no queries, no whims. */
export async function parseExpression(
  expression: string,
  options: { readonly place: Place; readonly serializeSql: SerializeSql },
): Promise<unknown> {
  const at = () => options.place
  const serialized = await options.serializeSql(`select (${expression}\n)`)
  const tree = onlySelect(serialized, options.place, at)
  refuseParameters(serialized, options.place)
  refuseOutside(tree, at)
  const list = isNode(tree) ? listOf(tree, 'select_list') : []
  const subquery = [...nodesOf(tree)].find((node) => node['class'] === 'SUBQUERY')
  if (list.length !== 1 || subquery || tablesOf(tree).length > 0) {
    throw definitionError(
      options.place,
      `"${expression}" is not one expression over the columns of the row`,
      'Write an expression without SELECT in it.',
    )
  }
  const whim = whimsOf(tree)[0]
  if (whim)
    throw definitionError(
      options.place,
      `"${expression}": ${whim.message}`,
      'Use columns of the row only.',
    )
  return list[0]
}

function onlySelect(
  serialized: unknown,
  place: Place,
  atCharacter: (offset: number) => Place,
): unknown {
  const answer = isNode(serialized) ? serialized : {}
  if (answer['error'] === true) {
    const message = textOf(answer, 'error_message')
    if (textOf(answer, 'error_type') === 'not implemented') {
      throw definitionError(
        place,
        'the statement is not a SELECT',
        'An analysis is one SELECT (WITH is fine); Millrace writes and publishes its rows. For PIVOT, name the values: FROM … PIVOT (… FOR x IN (…)).',
      )
    }
    const offset = Number(answer['position'] ?? Number.NaN)
    throw definitionError(
      Number.isNaN(offset) ? place : atCharacter(offset),
      message,
      "Correct the SQL; the dialect is DuckDB's.",
    )
  }
  const statements = listOf(answer, 'statements').filter(isNode)
  const [statement, second] = statements
  if (!statement || second) {
    throw definitionError(
      place,
      `the file holds ${statements.length} statements`,
      'Write exactly one SELECT; give a second one its own file.',
    )
  }
  return statement['node']
}

function refuseParameters(serialized: unknown, place: Place): void {
  const [statement] = isNode(serialized) ? listOf(serialized, 'statements').filter(isNode) : []
  if (!statement || listOf(statement, 'named_param_map').length === 0) return
  throw definitionError(
    place,
    'the statement has parameters',
    'Read the partition from this_partition (key, starts_at, ends_at) instead.',
  )
}

/** An endpoint is never volatile: what it answers belongs to a receipt. */
function wayOutOf({ wayOut }: Whim, of: 'analysis' | 'endpoint'): string {
  if (of === 'analysis') return wayOut
  return wayOut
    .replace(/,? or write "-- volatile" in the header/, '')
    .replace('this_partition,', 'a parameter,')
}

function refuseOutside(tree: unknown, at: (offset: number | undefined) => Place): void {
  for (const node of nodesOf(tree)) {
    if (node['type'] === 'SHOW_REF') {
      throw definitionError(
        at(offsetOf(node)),
        'DESCRIBE, SHOW and SUMMARIZE do not read rows of a dataset',
        'Write a SELECT over the dataset.',
      )
    }
    const call = node['type'] === 'TABLE_FUNCTION' ? node['function'] : undefined
    if (!isNode(call)) continue
    const name = textOf(call, 'function_name').toLowerCase()
    if (pureTableFunctions.has(name)) continue
    throw definitionError(
      at(offsetOf(call) ?? offsetOf(node)),
      `${name}() reads what lies outside the datasets`,
      'Declare a source for it in sources/, and read that by its name.',
    )
  }
}
