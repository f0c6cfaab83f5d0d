import type { Session } from '#engine/session.ts'
import { literal } from '#engine/sql-text.ts'

/** Where a SELECT names one of the known relations; offsets in bytes of its UTF-8 form. */
export interface Reference {
  readonly name: string
  readonly start: number
  readonly end: number
  readonly aliased: boolean
}

interface Tree {
  readonly [key: string]: unknown
}

/**
 * The places where a SELECT reads one of the relations, in order of position, from DuckDB's own
 * tree. Null where the statement has a part whose correlated form is refused by DuckDB 1.5, gives
 * other rows (ASOF), or has not been tried: this list of what is known decides, not the lack of an error.
 */
export async function findReferences(
  session: Session,
  text: string,
  relations: ReadonlySet<string>,
): Promise<readonly Reference[] | null> {
  const [row] = await session.rows(
    `SELECT json_serialize_sql(${literal(text)}, skip_default := true)::VARCHAR AS tree`,
  )
  const parsed = JSON.parse(String(row?.['tree'])) as Tree
  const statements = parsed['statements']
  if (parsed['error'] === true || !Array.isArray(statements) || statements.length !== 1) return null
  const bytes = Buffer.from(text)
  const found: Reference[] = []
  const walk = (value: unknown): boolean => {
    if (Array.isArray(value)) return value.every(walk)
    if (value === null || typeof value !== 'object') return true
    const tree = value as Tree
    if (!isKnown(tree) || !hidesNothing(tree, relations)) return false
    if (tree['type'] === 'BASE_TABLE' && !addReference(tree)) return false
    return Object.values(tree).every(walk)
  }
  const addReference = (tree: Tree): boolean => {
    const name = String(tree['table_name']).toLowerCase()
    if (!relations.has(name)) return true
    const start = Number(tree['query_location'])
    const end = endOfName(bytes, start)
    const written = bytes.subarray(start, end).toString().replace(/^"|"$/g, '').toLowerCase()
    if (written !== name || tree['schema_name']) return false
    found.push({
      name,
      start,
      end,
      aliased: typeof tree['alias'] === 'string' && tree['alias'] !== '',
    })
    return true
  }
  if (!walk(statements)) return null
  return found.toSorted((a, b) => a.start - b.start)
}

const tableTypes = new Set([
  'BASE_TABLE',
  'SUBQUERY',
  'JOIN',
  'TABLE_FUNCTION',
  'EMPTY',
  'EXPRESSION_LIST',
])
const nodeTypes = new Set(['SELECT_NODE', 'SET_OPERATION_NODE', 'CTE_NODE'])
const modifierTypes = new Set(['ORDER_MODIFIER', 'LIMIT_MODIFIER', 'DISTINCT_MODIFIER'])
const joinTypes = new Set(['INNER', 'LEFT', 'RIGHT'])
const joinKinds = new Set(['REGULAR', 'CROSS', 'NATURAL', undefined])

function isKnown(tree: Tree): boolean {
  const type = tree['type']
  if (typeof type !== 'string') return true
  if (type.endsWith('_NODE')) return nodeTypes.has(type)
  if (type.endsWith('_MODIFIER')) {
    return modifierTypes.has(type) && isConstant(tree['limit']) && isConstant(tree['offset'])
  }
  if (tree['class'] !== undefined) return true
  if (type === 'JOIN') {
    return (
      joinTypes.has(String(tree['join_type'])) &&
      joinKinds.has(tree['ref_type'] as string | undefined)
    )
  }
  if ('table_name' in tree || 'left' in tree || 'subquery' in tree) {
    return tableTypes.has(type) && tree['sample'] === undefined
  }
  return type !== 'PIVOT' && type !== 'SHOW_REF' && tree['sample'] === undefined
}

function isConstant(value: unknown): boolean {
  return value === undefined || value === null || (value as Tree)['class'] === 'CONSTANT'
}

/** No common table expression takes the name of a relation. */
function hidesNothing(tree: Tree, relations: ReadonlySet<string>): boolean {
  const map = (tree['cte_map'] as Tree | undefined)?.['map']
  if (!Array.isArray(map)) return true
  return map.every((entry: unknown) => !relations.has(String((entry as Tree)['key']).toLowerCase()))
}

/** End of the identifier that starts at a byte. */
function endOfName(bytes: Buffer, start: number): number {
  if (bytes[start] === 0x22) return bytes.indexOf(0x22, start + 1) + 1
  let end = start
  while (end < bytes.length && /[\w$\u0080-\uffff]/.test(String.fromCharCode(bytes[end] ?? 0)))
    end++
  return end
}
