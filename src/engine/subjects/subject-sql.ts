import { KEYED_HASH_DIGITS } from '#kernel/keyed-hash.ts'
import type { SubjectColumn, SubjectRules, SubjectRuleState } from '#model/subject.ts'
import { unnestSql } from '#engine/live-rows.ts'
import type { Session } from '#engine/session.ts'
import { identifier, literal } from '#engine/sql-text.ts'

const BLOCK_BYTES = 64

/** The value of a column as text; the empty text names nobody. */
export function subjectSql(column: string): string {
  return `nullif(${identifier(column)}::VARCHAR, '')`
}

/** `keyedHash` (kernel/keyed-hash.ts) of a text expression, as HMAC is made of two plain hashes (RFC 2104). */
export function keyedHashSql(key: string, space: string, text: string): string {
  const padded = Buffer.alloc(BLOCK_BYTES)
  Buffer.from(key, 'hex').copy(padded)
  const pad = (byte: number) => Buffer.from(padded.map((part) => part ^ byte)).toString('hex')
  const head = `unhex('${pad(0x36)}${Buffer.from(`${space}\0`).toString('hex')}')`
  const inner = `unhex(sha256(${head} || encode(${text})))`
  return `left(sha256(unhex('${pad(0x5c)}') || ${inner}), ${KEYED_HASH_DIGITS})`
}

/**
 * Condition for the rows of a Parquet file that a rule in this state is about; null where there are
 * none. Each different value is hashed once, and those that are meant go into a table.
 */
export async function concernedSql(
  session: Session,
  path: string,
  columns: readonly SubjectColumn[],
  { key, rules }: SubjectRules,
  state: SubjectRuleState,
): Promise<string | null> {
  const conditions: string[] = []
  for (const [index, { column, kind }] of columns.entries()) {
    const hashes = rules
      .filter((rule) => rule.kind === kind && rule.state === state)
      .map(({ hash }) => hash)
    if (hashes.length === 0) continue
    const table = identifier(`${state}_${index}`)
    const value = subjectSql(column)
    const values = `SELECT DISTINCT ${value} AS value FROM read_parquet(${literal(path)})`
    await session.run(
      `CREATE OR REPLACE TABLE ${table} AS SELECT value FROM (${values}) WHERE value IS NOT NULL AND ${keyedHashSql(key, kind, 'value')} IN (SELECT ${unnestSql(hashes)})`,
    )
    const [found] = await session.rows(`SELECT count(*) AS n FROM ${table}`)
    if (Number(found?.['n'] ?? 0) === 0) continue
    conditions.push(`ifnull(${value} IN (SELECT value FROM ${table}), false)`)
  }
  return conditions.length === 0 ? null : `(${conditions.join(' OR ')})`
}
