/**
 * The tree that DuckDB's parser gives is plain JSON; nodes are told by their `type` and `class`.
 * What is read here: tables with their scopes, and calls. Everything else is passed through.
 */
export interface TreeNode {
  readonly [key: string]: unknown
}

export function isNode(value: unknown): value is TreeNode {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

export function textOf(node: TreeNode, key: string): string {
  const value = node[key]
  return typeof value === 'string' ? value : ''
}

export function listOf(node: TreeNode, key: string): readonly unknown[] {
  const value = node[key]
  return Array.isArray(value) ? value : []
}

/** Byte offset in the text, where the node tells one. */
export function offsetOf(node: TreeNode): number | undefined {
  const offset = node['query_location']
  return typeof offset === 'number' ? offset : undefined
}

/** Every node below `root`, parents first. */
export function* nodesOf(root: unknown): Generator<TreeNode> {
  if (Array.isArray(root)) {
    for (const item of root) yield* nodesOf(item)
  } else if (isNode(root)) {
    yield root
    for (const value of Object.values(root)) yield* nodesOf(value)
  }
}

/** The tree without locations, so that two layouts of one text are equal. */
export function withoutLocations(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutLocations)
  if (!isNode(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'query_location')
      .map(([key, inner]) => [key, withoutLocations(inner)]),
  )
}

/** A table that a statement names and does not define itself. */
export interface TableReference {
  readonly name: string
  /** Catalog and schema as written, for instance `main`; empty mostly. */
  readonly qualifier: string
  readonly offset: number | undefined
}

/**
 * Tables read by the statement, in order of appearance. A name of the statement's own WITH hides a
 * table only where the WITH reaches: `with events as (select … from events)` reads the table.
 */
export function tablesOf(root: unknown): TableReference[] {
  const found: TableReference[] = []
  visit(root, new Set(), found)
  return found
}

function visit(value: unknown, hidden: ReadonlySet<string>, found: TableReference[]): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, hidden, found)
    return
  }
  if (!isNode(value)) return
  if (value['type'] === 'BASE_TABLE') {
    const qualifier = [textOf(value, 'catalog_name'), textOf(value, 'schema_name')]
      .filter((part) => part !== '')
      .join('.')
    const name = textOf(value, 'table_name')
    if (qualifier !== '' || !hidden.has(name.toLowerCase())) {
      found.push({ name, qualifier, offset: offsetOf(value) })
    }
  }
  const inside = new Set(hidden)
  for (const entry of listOf(isNode(value['cte_map']) ? value['cte_map'] : {}, 'map')) {
    if (!isNode(entry)) continue
    const name = textOf(entry, 'key').toLowerCase()
    const recursive = [...nodesOf(entry['value'])].some(
      (node) =>
        node['type'] === 'RECURSIVE_CTE_NODE' && textOf(node, 'cte_name').toLowerCase() === name,
    )
    visit(entry['value'], recursive ? new Set([...inside, name]) : inside, found)
    inside.add(name)
  }
  for (const [key, inner] of Object.entries(value)) {
    if (key !== 'cte_map') visit(inner, inside, found)
  }
}
