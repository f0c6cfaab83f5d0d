import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'

import type { JobContext } from '#engine/child/run-job.ts'
import { PARTITION_COLUMN, liveRowsSql } from '#engine/live-rows.ts'
import type { ReadJob, ReadResult } from '#engine/protocol.ts'
import type { ResultColumn } from '#model/outcome.ts'
import { describe } from '#engine/result-columns.ts'
import { filterSql, visibleColumns } from '#engine/seen-sql.ts'
import { openSession, type Session } from '#engine/session.ts'
import { identifier, literal } from '#engine/sql-text.ts'

const formats: Record<ReadJob['format'], string> = {
  csv: `FORMAT csv, HEADER true`,
  json: `FORMAT json, ARRAY true`,
  ndjson: `FORMAT json`,
  parquet: `FORMAT parquet, COMPRESSION zstd`,
}

/**
 * Published rows as a file: in the order of the partitions, inside one by `order`, without it in the
 * order in which they lie (up to 64 partitions). With several partitions the first column is `partition`. In JSON,
 * integers and decimals keep all digits, and NaN and infinities are null.
 */
export async function runRead(job: ReadJob, context: JobContext): Promise<ReadResult> {
  const session = context.adopt(
    await openSession(job.limits, job.tempFolder, {
      files: job.files.map(({ path }) => path),
      folders: [dirname(job.toPath)],
    }),
  )
  const wanted = job.partitions.length > 0 ? new Set(job.partitions) : null
  const all = await describe(session, liveRowsSql(job.files, null, wanted))
  const lying = all.filter(({ name }) => name !== PARTITION_COLUMN)
  const columns = visibleColumns(lying, job.seen)
  const { condition, values } = filterSql(lying, job.seen)
  if (job.counting) {
    const live = liveRowsSql(job.files, null, wanted)
    const rows = await session.copy(`SELECT count(*) FROM (${live}) AS live${condition}`, values)
    return { kind: 'read', rows, columns }
  }
  const isJson = job.format === 'json' || job.format === 'ndjson'
  const fields = columns.map(({ name, type }) =>
    isJson && /^(DOUBLE|FLOAT)$/.test(type)
      ? `CASE WHEN isfinite(${identifier(name)}) THEN ${identifier(name)} END AS ${identifier(name)}`
      : identifier(name),
  )
  const many = job.partitions.length > 1
  const list = [...(many ? [`${PARTITION_COLUMN} AS "partition"`] : []), ...fields].join(', ')
  const limit = job.limit === null ? '' : ` LIMIT ${Math.max(0, Math.trunc(job.limit))}`
  const order = await visibleOrder(session, job, columns)
  const rows = await session.copy(
    `COPY (SELECT ${list} FROM ${orderedRows({ ...job, order }, wanted)} AS lying${condition}${limit}) TO ${literal(job.toPath)} (${formats[job.format]})`,
    values,
  )
  await stat(job.toPath)
  const shown = many ? [{ name: 'partition', type: 'VARCHAR' }, ...columns] : columns
  return { kind: 'read', rows, columns: shown }
}

/** An order that needs a hidden column would show it; then the rows are in that of what is seen. */
async function visibleOrder(
  session: Session,
  { files, order, seen }: ReadJob,
  columns: readonly ResultColumn[],
): Promise<string | null> {
  if (order === null || seen?.columns == null) return order
  const names = columns.map(({ name }) => identifier(name)).join(', ')
  const rows = `(SELECT ${names} FROM (${liveRowsSql(files, null, null)}) AS live) AS seen`
  try {
    await describe(session, `SELECT * FROM ${rows} ORDER BY ${order}`)
    return order
  } catch {
    return names
  }
}

/** Beyond this, a branch for each partition takes longer to plan than a sort takes. */
const BRANCHES_MAX = 64

/** A sort only where an order is asked for; else the partitions are read one after another. */
function orderedRows(job: ReadJob, wanted: ReadonlySet<string> | null): string {
  const { files, order, partitions } = job
  const live = (keys: ReadonlySet<string> | null) => liveRowsSql(files, null, keys)
  if (partitions.length <= 1) {
    return `(SELECT * FROM (${live(wanted)}) AS live${order === null ? '' : ` ORDER BY ${order}`})`
  }
  if (order !== null || partitions.length > BRANCHES_MAX) {
    const rank = `list_position([${partitions.map(literal).join(', ')}], ${PARTITION_COLUMN})`
    const isSorted = partitions.every((key, at) => at === 0 || (partitions[at - 1] ?? '') < key)
    const terms = [isSorted ? PARTITION_COLUMN : rank, ...(order === null ? [] : [order])]
    return `(SELECT * FROM (${live(wanted)}) AS live ORDER BY ${terms.join(', ')})`
  }
  return `(${partitions.map((key) => live(new Set([key]))).join(' UNION ALL BY NAME ')})`
}
