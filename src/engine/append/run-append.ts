import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'

import type { JobContext } from '#engine/job-context.ts'
import { MillraceError } from '#kernel/errors.ts'
import { engineType } from '#model/column.ts'
import type { SourceDefinition } from '#model/definition.ts'
import type { ResultColumn, StagedFile } from '#model/outcome.ts'
import { subjectColumnsOf } from '#model/subject.ts'
import type { AppendJob, AppendResult, RequestCounts } from '#engine/append/append-job.ts'
import { HeldRows } from '#engine/append/held-rows.ts'
import { judgeRequest } from '#engine/append/judge-request.ts'
import { RowFile } from '#engine/append/row-file.ts'
import { RowJudge } from '#engine/append/row-judge.ts'
import { carriedSelect, computed, keptSql, typedRows } from '#engine/append/segment-select.ts'
import { segmentPartitions } from '#engine/append/segment-partitions.ts'
import { unfoldSync } from '#engine/append/unfold.ts'
import { openSession, type Session } from '#engine/session.ts'
import { literal } from '#engine/sql-text.ts'
import { finishFile } from '#engine/staging.ts'
import { HeldRecords } from '#engine/subjects/held-records.ts'

/** One segment: the rows of requests, and of published files where these become one with them. */
export async function runAppend(job: AppendJob, context: JobContext): Promise<AppendResult> {
  const { source, tempFolder, stagingFolder, carry } = job
  const columns = segmentColumns(source)
  const file = new RowFile(join(tempFolder, 'rows.csv'))
  const held = new HeldRows(join(tempFolder, 'held.ndjson'))
  const judged = judgeAll(job, context, file, held)
  const session = context.adopt(
    await openSession(job.limits, tempFolder, {
      files: [...carry.flatMap(({ paths }) => paths), ...job.heldPaths],
      folders: [tempFolder, stagingFolder],
    }),
  )
  context.progress({ step: 'convert', rows: file.rows })
  const written = await writeRows(session, job, columns, file)
  await rm(file.path, { force: true })
  context.progress({ step: 'check', rows: written.file?.rows ?? 0 })
  const partitions = written.file
    ? await segmentPartitions(session, source, columns, written.file.path)
    : []
  const requests = judged.map((counts, at) => ({
    ...counts,
    ...takenOut(counts, written.dropped.get(at)),
  }))
  return {
    kind: 'append',
    file: written.file,
    columns,
    partitions,
    requests,
    quarantine: await held.write(session, join(stagingFolder, 'quarantine.parquet'), job.heldPaths),
    quarantineReasons: Array.from(held.counts, ([reason, rows]) => ({ reason, rows })),
  }
}

/** Columns of an append dataset: declared, then derived. */
export function segmentColumns({ columns, derived }: SourceDefinition): ResultColumn[] {
  return [...columns, ...derived].map(({ name, type }) => ({ name, type: engineType(type) }))
}

function judgeAll(
  job: AppendJob,
  context: JobContext,
  file: RowFile,
  rows: HeldRows,
): RequestCounts[] {
  const { source, rules } = job
  const bodies = job.bodiesPath === null ? Buffer.alloc(0) : readFileSync(job.bodiesPath)
  const indexOf = (column: string) => {
    const at = source.columns.findIndex(({ name }) => name === column)
    return at < 0 ? null : at
  }
  try {
    return job.requests.map(({ id, format, encoding, at, length }, index) => {
      context.signal.throwIfAborted()
      const body = unfoldSync(bodies.subarray(at, at + length), encoding)
      const held = rules && new HeldRecords(source, rules, indexOf)
      const judge = new RowJudge(source, job.arrival, file, rows, held)
      judgeRequest(source, judge, { at: index, id, format, body })
      const { received, accepted, quarantined } = judge
      const { withheld = 0, erased = 0 } = held ?? {}
      return { received, accepted, quarantined, withheld, erased }
    })
  } finally {
    file.close()
    rows.close()
  }
}

interface TakenOut {
  readonly withheld: number
  readonly erased: number
}

interface Written {
  readonly file: StagedFile | null
  /** Rows that were good and are about somebody of whom nothing is kept, by place of their request. */
  readonly dropped: ReadonlyMap<number, TakenOut>
}

async function writeRows(
  session: Session,
  job: AppendJob,
  columns: readonly ResultColumn[],
  file: RowFile,
): Promise<Written> {
  const { source, rules, carry } = job
  let fresh = typedRows(source, file)
  let kept = { condition: 'true', dropped: new Map<number, TakenOut>() as Written['dropped'] }
  if (rules && file.rows > 0) {
    // What rules are about may be computed, so the rows are typed before they are looked at.
    const typed = join(job.tempFolder, 'typed.parquet')
    await session.copy(`COPY (${fresh}) TO ${literal(typed)} (FORMAT parquet)`)
    fresh = `SELECT * FROM read_parquet(${literal(typed)})`
    kept = await keptSql(session, typed, subjectColumnsOf(source), rules)
  }
  const selects =
    file.rows > 0 ? [`SELECT * EXCLUDE (_request) FROM (${fresh}) WHERE ${kept.condition}`] : []
  for (const { partition, paths } of carry) {
    const stored = await carriedSelect(session, partition, paths, columns)
    selects.push(job.recompute ? computed(source, stored, []) : stored)
  }
  if (selects.length === 0) return { file: null, dropped: kept.dropped }
  const several = new Set([...file.partitions, ...carry.map(({ partition }) => partition)]).size > 1
  const path = join(job.stagingFolder, 'data.parquet')
  const rows = await session.copy(
    `COPY (${selects.join(' UNION ALL ')}${several ? ' ORDER BY _partition' : ''}) TO ${literal(`${path}.part`)} (FORMAT parquet, COMPRESSION ${carry.length > 0 ? 'zstd' : 'lz4_raw'})`,
  )
  const out = sumOf(kept.dropped)
  if (carry.length === 0 && rows !== file.rows - out) {
    throw new MillraceError('internal', {
      message: `${source.name}: ${file.rows} rows accepted, ${out} taken out, but ${rows} written`,
    })
  }
  if (rows > 0) return { file: await finishFile(`${path}.part`, path, rows), dropped: kept.dropped }
  await rm(`${path}.part`)
  return { file: null, dropped: kept.dropped }
}

function sumOf(dropped: Written['dropped']): number {
  return [...dropped.values()].reduce((sum, { withheld, erased }) => sum + withheld + erased, 0)
}

function takenOut(
  counts: RequestCounts,
  dropped: TakenOut = { withheld: 0, erased: 0 },
): Partial<RequestCounts> {
  return {
    accepted: counts.accepted - dropped.withheld - dropped.erased,
    withheld: counts.withheld + dropped.withheld,
    erased: counts.erased + dropped.erased,
  }
}
