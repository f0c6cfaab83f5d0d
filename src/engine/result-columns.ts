import { MillraceError } from '#kernel/errors.ts'
import type { ResultColumn } from '#model/outcome.ts'
import { PARTITION_COLUMN } from '#engine/live-rows.ts'
import { isHashable } from '#engine/row-hash/row-text.ts'
import type { Session } from '#engine/session.ts'
import { identifier } from '#engine/sql-text.ts'

/** Columns of a SELECT, without running it. */
export async function describe(
  session: Pick<Session, 'rows'>,
  select: string,
): Promise<ResultColumn[]> {
  const rows = await session.rows(`DESCRIBE ${select}`)
  return rows.map((row) => ({ name: String(row['column_name']), type: String(row['column_type']) }))
}

/**
 * The columns as a dataset holds them, and the casts that bring a result there. Parquet knows no
 * 128-bit integer (DuckDB would write a DOUBLE), so sums of integers become BIGINT: one that does
 * not fit is an error, never a rounded figure.
 */
export function storedColumns(
  dataset: string,
  columns: readonly ResultColumn[],
): { readonly columns: ResultColumn[]; readonly casts: string } {
  const stored = columns.map(({ name, type }) => ({ name, type: storedType(type) }))
  for (const { name, type } of stored) {
    if (!isHashable(type) || name.toLowerCase() === PARTITION_COLUMN) {
      throw new MillraceError('result-column-unusable', { dataset, column: name, type })
    }
  }
  const casts = stored
    .filter(({ type }, index) => type !== columns[index]?.type)
    .map(({ name, type }) => `${identifier(name)}::${type} AS ${identifier(name)}`)
  return { columns: stored, casts: casts.length === 0 ? '*' : `* REPLACE (${casts.join(', ')})` }
}

function storedType(type: string): string {
  if (type.startsWith('ENUM(') || type === 'JSON') return 'VARCHAR'
  if (type === '"NULL"' || type === 'NULL') return 'INTEGER'
  return type.replace(/\bU?HUGEINT\b/g, 'BIGINT').replace(/\bTIMESTAMP_(S|MS|NS)\b/g, 'TIMESTAMP')
}

/**
 * A text that stands for one SELECT must be one statement by itself: then it cannot end the
 * statement that it is put into and begin another.
 */
export async function refuseSeveralStatements(
  session: Session,
  dataset: string,
  text: string,
): Promise<void> {
  const count = await session.statements(text)
  if (count === 1) return
  const message = `it holds ${count} statements where one SELECT is expected`
  throw new MillraceError('analysis-failed', { subject: dataset, dataset, message })
}
