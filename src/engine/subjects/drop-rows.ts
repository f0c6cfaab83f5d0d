import { rename } from 'node:fs/promises'

import type { SubjectColumn, SubjectRules } from '#model/subject.ts'
import type { Session } from '#engine/session.ts'
import { literal } from '#engine/sql-text.ts'
import { concernedSql } from '#engine/subjects/subject-sql.ts'

/** Rows that were taken out; who is erased counts as erased, whatever else is said of the row. */
export interface Dropped {
  readonly withheld: number
  readonly erased: number
  /** Rows that are left, as the file that took its place was written. */
  readonly left: number
}

/**
 * Takes the rows that the rules are about out of a Parquet file that nobody else reads; order and
 * columns of the others stay. Null: no row is meant, and the file is as it was.
 */
export async function dropRows(
  session: Session,
  path: string,
  columns: readonly SubjectColumn[],
  rules: SubjectRules,
): Promise<Dropped | null> {
  const erased = await concernedSql(session, path, columns, rules, 'erased')
  const withheld = await concernedSql(session, path, columns, rules, 'off')
  if (erased === null && withheld === null) return null
  const isErased = erased ?? 'false'
  const isWithheld = withheld ?? 'false'
  const from = `FROM read_parquet(${literal(path)})`
  const [counts] = await session.rows(
    `SELECT count(*) FILTER (WHERE ${isErased}) AS erased, count(*) FILTER (WHERE NOT ${isErased} AND ${isWithheld}) AS withheld ${from}`,
  )
  const without = `${path}.without`
  const left = await session.copy(
    `COPY (SELECT * ${from} WHERE NOT (${isErased} OR ${isWithheld})) TO ${literal(without)} (FORMAT parquet, COMPRESSION lz4_raw)`,
  )
  await rename(without, path)
  return { left, erased: Number(counts?.['erased']), withheld: Number(counts?.['withheld']) }
}
