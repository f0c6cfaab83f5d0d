import { isNode, listOf, nodesOf, offsetOf, textOf, type TreeNode } from '#definitions/sql-tree.ts'

/** Something in a statement that may give other rows on the next run over the same inputs. */
export interface Whim {
  readonly message: string
  /** What makes it steady, one sentence. */
  readonly wayOut: string
  readonly offset: number | undefined
}

const ordered = (name: string) =>
  `Say which one with ORDER BY inside the call (${name}(x ORDER BY y)), use min or max, or write "-- volatile" in the header.`
const cutOff =
  'Use columns of the inputs, or this_partition, instead, or write "-- volatile" in the header.'

// Aggregates whose answer hangs on the order in which rows arrive.
const orderedAggregates = new Set(
  `first last any_value arbitrary arg_min arg_max argmin argmax min_by max_by arg_min_null
   arg_max_null arg_min_nulls_last arg_max_nulls_last list array_agg string_agg group_concat listagg
   mode approx_quantile approx_top_k reservoir_quantile`.split(/\s+/),
)
const orderedWindows = new Set(
  'row_number ntile lag lead first first_value last last_value nth_value'.split(' '),
)
const chance = new Set('random setseed uuid gen_random_uuid uuidv4 uuidv7 shuffle'.split(' '))
const clock = new Set(
  `now today current_date current_time current_timestamp get_current_time get_current_timestamp
   localtime localtimestamp current_localtime current_localtimestamp transaction_timestamp
   statement_timestamp clock_timestamp txid_current`.split(/\s+/),
)
const surroundings = new Set(
  `version current_setting getenv getvariable current_user current_database current_schema
   current_schemas current_query current_connection_id current_query_id nextval currval
   in_search_path pg_typeof_oid`.split(/\s+/),
)

// list(x ORDER BY x) is parsed as list_sort(list(x), …).
const sorting = new Set('list_sort array_sort list_reverse_sort array_reverse_sort'.split(' '))

/** All that can be told from the tree. Ties in an ORDER BY cannot: they are the author's. */
export function whimsOf(tree: unknown): Whim[] {
  const nodes = [...nodesOf(tree)]
  const sorted = new Set(
    nodes
      .filter((node) => sorting.has(textOf(node, 'function_name').toLowerCase()))
      .map((node) => listOf(node, 'children')[0]),
  )
  return nodes.flatMap((node) => [...whimsAt(node, sorted.has(node))])
}

function* whimsAt(node: TreeNode, isSorted: boolean): Generator<Whim> {
  const offset = offsetOf(node)
  const called = textOf(node, 'function_name').toLowerCase()
  if (node['class'] === 'FUNCTION' && called !== '') {
    const isOrdered =
      isSorted || listOf(isNode(node['order_bys']) ? node['order_bys'] : {}, 'orders').length > 0
    if (orderedAggregates.has(called) && !isOrdered) {
      yield {
        message: `${called}() takes rows in the order in which they happen to come`,
        wayOut: ordered(called),
        offset,
      }
    }
    const isAgeOfNow = called === 'age' && listOf(node, 'children').length === 1
    if (chance.has(called))
      yield { message: `${called}() differs on every run`, wayOut: cutOff, offset }
    if (clock.has(called) || isAgeOfNow)
      yield { message: `${called}() depends on when it runs`, wayOut: cutOff, offset }
    if (surroundings.has(called))
      yield { message: `${called}() depends on where it runs`, wayOut: cutOff, offset }
  }
  if (node['class'] === 'WINDOW') {
    const isOrdered = listOf(node, 'orders').length > 0 || listOf(node, 'arg_orders').length > 0
    if ((orderedWindows.has(called) || orderedAggregates.has(called)) && !isOrdered) {
      yield {
        message: `${called}() OVER a window without ORDER BY numbers rows as they happen to come`,
        wayOut:
          'Add ORDER BY to the window, with enough columns to leave no ties, or write "-- volatile" in the header.',
        offset,
      }
    }
  }
  const names = listOf(node, 'column_names')
  const word = names.length === 1 && typeof names[0] === 'string' ? names[0].toLowerCase() : ''
  if (node['class'] === 'COLUMN_REF' && clock.has(word)) {
    yield { message: `${word} depends on when it runs`, wayOut: cutOff, offset }
  }
  if (isNode(node['sample'])) {
    yield {
      message: 'SAMPLE picks other rows on every run',
      wayOut: 'Pick rows by a rule over their columns, or write "-- volatile" in the header.',
      offset,
    }
  }
  if (node['ref_type'] === 'POSITIONAL') {
    yield {
      message: 'POSITIONAL JOIN pairs rows as they happen to come',
      wayOut: 'Join on columns, or write "-- volatile" in the header.',
      offset,
    }
  }
  yield* modifierWhims(node)
}

function* modifierWhims(node: TreeNode): Generator<Whim> {
  const modifiers = listOf(node, 'modifiers').filter(isNode)
  if (modifiers.some((modifier) => modifier['type'] === 'ORDER_MODIFIER')) return
  const cut = modifiers.find((modifier) => textOf(modifier, 'type').startsWith('LIMIT'))
  const distinctOn = modifiers.find(
    (modifier) => listOf(modifier, 'distinct_on_targets').length > 0,
  )
  if (cut) {
    yield {
      message: 'LIMIT without ORDER BY keeps whichever rows come first',
      wayOut:
        'Add ORDER BY with enough columns to leave no ties, or write "-- volatile" in the header.',
      offset: offsetIn(cut),
    }
  }
  if (distinctOn) {
    yield {
      message: 'DISTINCT ON without ORDER BY keeps whichever row comes first',
      wayOut:
        'Add ORDER BY with enough columns to leave no ties, or write "-- volatile" in the header.',
      offset: offsetIn(distinctOn),
    }
  }
}

function offsetIn(node: TreeNode): number | undefined {
  for (const inner of nodesOf(node)) {
    const offset = offsetOf(inner)
    if (offset !== undefined) return offset
  }
  return undefined
}
