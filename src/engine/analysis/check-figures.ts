import type { Session } from '#engine/session.ts'
import { literal } from '#engine/sql-text.ts'

/** How the two sides of a comparison are told beside its verdict. */
export interface Figures {
  /** Expression whose value goes to `message`. */
  readonly sql: string
  message(figures: unknown, passed: boolean): string
}

interface Tree {
  readonly [key: string]: unknown
}

/** For `sum(a) = max(b)` the message is `sum(a) = max(b): 7 = 8 does not hold`; else without figures. */
export async function figuresOf(session: Session, expression: string): Promise<Figures> {
  const text = expression.trim().replace(/\s+/g, ' ')
  const verdict = (passed: boolean) => (passed ? 'holds' : 'does not hold')
  const sides = await sidesOf(session, expression)
  if (!sides) return { sql: 'NULL', message: (_, passed) => `${text} ${verdict(passed)}` }
  return {
    sql: `concat(coalesce((${sides.left})::VARCHAR, 'NULL'), ${literal(` ${sides.operator} `)}, coalesce((${sides.right})::VARCHAR, 'NULL'))`,
    message: (figures, passed) => `${text}: ${String(figures)} ${verdict(passed)}`,
  }
}

const operators: Readonly<Record<string, string>> = {
  COMPARE_EQUAL: '=',
  COMPARE_NOTEQUAL: '<>',
  COMPARE_LESSTHAN: '<',
  COMPARE_GREATERTHAN: '>',
  COMPARE_LESSTHANOREQUALTO: '<=',
  COMPARE_GREATERTHANOREQUALTO: '>=',
}

async function sidesOf(
  session: Session,
  expression: string,
): Promise<{ left: string; right: string; operator: string } | null> {
  const [row] = await session.rows(
    `SELECT json_serialize_sql(${literal(`SELECT ${expression}`)})::VARCHAR AS tree`,
  )
  // Locations are 64-bit numbers, which JavaScript would round.
  const tree = String(row?.['tree']).replace(/"query_location":\d+/g, '"query_location":0')
  const parsed = JSON.parse(tree) as { statements?: { node: Tree }[] }
  const node = parsed.statements?.[0]?.node
  const [comparison] = (node?.['select_list'] ?? []) as Tree[]
  const operator = operators[String(comparison?.['type'])]
  if (!node || !comparison || operator === undefined) return null
  const textOf = async (side: unknown): Promise<string> => {
    const statement = JSON.stringify({
      error: false,
      statements: [{ node: { ...node, select_list: [side] } }],
    })
    const [line] = await session.rows(`SELECT json_deserialize_sql(${literal(statement)}) AS text`)
    return String(line?.['text']).replace(/^SELECT /, '')
  }
  return {
    left: await textOf(comparison['left']),
    right: await textOf(comparison['right']),
    operator,
  }
}
