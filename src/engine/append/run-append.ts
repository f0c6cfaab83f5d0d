import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'

import type { JobContext } from '#engine/job-context.ts'
import { MillraceError } from '#kernel/errors.ts'
import { engineType } from '#model/column.ts'
import type { SourceDefinition } from '#model/definition.ts'
import type { ResultColumn, StagedFile } from '#model/outcome.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import { subjectColumnsOf } from '#model/subject.ts'
import type { AppendJob, AppendResult, RequestCounts } from '#engine/append/append-job.ts'
import { FieldRepairs } from '#engine/append/field-repairs.ts'
import { HeldRows } from '#engine/append/held-rows.ts'
import { HeldJudge, heldRows } from '#engine/append/judge-held.ts'
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

/**
 * One segment: the rows of requests, or of a quarantine that is judged once more, and of published files
 * where these become one with them.
 */
export async function runAppend(job: AppendJob, context: JobContext): Promise<AppendResult> {
  const { source, tempFolder, stagingFolder, carry, again } = job
  const columns = segmentColumns(source)
  const file = new RowFile(join(tempFolder, 'rows.csv'))
  const held = new HeldRows(join(tempFolder, 'held.ndjson'))
  const session = context.adopt(
    await openSession(job.limits, tempFolder, {
      files: [...carry.flatMap(({ paths }) => paths), ...job.heldPaths, ...(again?.paths ?? [])],
      folders: [tempFolder, stagingFolder],
    }),
  )
  const judged = await judgeAll(job, context, session, file, held)
  context.progress({ step: 'convert', rows: file.rows })
  const written = await writeRows(session, job, columns, file)
  await rm(file.path, { force: true })
  context.progress({ step: 'check', rows: written.file?.rows ?? 0 })
  const partitions = written.file
    ? await segmentPartitions(session, source, columns, written.file.path, written.repaired)
    : []
  const all = judged.counts.map((counts, at) => ({
    ...counts,
    ...takenOut(counts, written.dropped.get(2 * at), written.dropped.get(2 * at + 1)),
  }))
  const path = join(stagingFolder, 'quarantine.parquet')
  const isKept = again !== null && !judged.isMended
  return {
    kind: 'append',
    file: written.file,
    columns,
    partitions,
    requests: all.slice(0, job.requests.length),
    again: all.slice(job.requests.length),
    quarantine: isKept ? null : await held.write(session, path, job.heldPaths),
    isMended: judged.isMended,
    quarantineReasons: Array.from(held.counts, ([reason, rows]) => ({ reason, rows })),
  }
}

/** Columns of an append dataset: declared, then derived. */
export function segmentColumns({ columns, derived }: SourceDefinition): ResultColumn[] {
  return [...columns, ...derived].map(({ name, type }) => ({ name, type: engineType(type) }))
}

type NamedCounts = RequestCounts & { readonly id: string }

interface Judged {
  /** Of the requests, then of those whose held rows were judged again. */
  readonly counts: readonly NamedCounts[]
  readonly isMended: boolean
}

async function judgeAll(
  job: AppendJob,
  context: JobContext,
  session: Session,
  file: RowFile,
  rows: HeldRows,
): Promise<Judged> {
  const { source, rules, again } = job
  const repairs = new FieldRepairs(source, job.repairs)
  const indexOf = (column: string) => {
    const at = source.columns.findIndex(({ name }) => name === column)
    return at < 0 ? null : at
  }
  const open = (id: string) => {
    const held = rules && new HeldRecords(source, rules, indexOf)
    const judge = new RowJudge(source, job.arrival, file, rows, held, repairs)
    const counts = () => {
      const { received, accepted, repaired, quarantined } = judge
      const { withheld = 0, erased = 0 } = held ?? {}
      return { id, received, accepted, repaired, quarantined, withheld, erased }
    }
    return { judge, counts }
  }
  try {
    const bodies = job.bodiesPath === null ? Buffer.alloc(0) : readFileSync(job.bodiesPath)
    const counts = job.requests.map(({ id, format, encoding, at, length }, index): NamedCounts => {
      context.signal.throwIfAborted()
      const body = unfoldSync(bodies.subarray(at, at + length), encoding)
      const own = open(id)
      judgeRequest(source, own.judge, { at: index, id, format, body })
      return own.counts()
    })
    if (!again) return { counts, isMended: false }
    const heldJudge = new HeldJudge(source, again.fixes)
    let own: ReturnType<typeof open> | null = null
    let id: string | null = null
    for await (const row of heldRows(session, again.paths, job.tempFolder)) {
      context.signal.throwIfAborted()
      if (own === null || row.file !== id) {
        if (own) counts.push(own.counts())
        id = row.file
        own = open(id)
      }
      heldJudge.judge(own.judge, counts.length, row)
    }
    if (own) counts.push(own.counts())
    return { counts, isMended: heldJudge.changed > 0 }
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
  /** Rows that were good and are about somebody of whom nothing is kept, by `_request` (`RowFile`). */
  readonly dropped: ReadonlyMap<number, TakenOut>
  /** Rows that were repaired and stay, by partition. */
  readonly repaired: ReadonlyMap<PartitionKey, number>
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
  const repaired = await repairedIn(session, file, fresh, kept.condition)
  const selects =
    file.rows > 0 ? [`SELECT * EXCLUDE (_request) FROM (${fresh}) WHERE ${kept.condition}`] : []
  for (const { partition, paths } of carry) {
    const stored = await carriedSelect(session, partition, paths, columns)
    selects.push(job.recompute ? computed(source, stored, []) : stored)
  }
  if (selects.length === 0) return { file: null, dropped: kept.dropped, repaired }
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
  const { dropped } = kept
  if (rows > 0) return { file: await finishFile(`${path}.part`, path, rows), dropped, repaired }
  await rm(`${path}.part`)
  return { file: null, dropped, repaired }
}

async function repairedIn(
  session: Session,
  file: RowFile,
  fresh: string,
  condition: string,
): Promise<ReadonlyMap<PartitionKey, number>> {
  if (file.repaired === 0) return new Map()
  const rows = await session.rows(
    `SELECT _partition AS partition, count(*) AS n FROM (${fresh}) WHERE _request % 2 = 1 AND ${condition} GROUP BY 1`,
  )
  return new Map(rows.map(({ partition, n }) => [String(partition), Number(n)]))
}

function sumOf(dropped: Written['dropped']): number {
  return [...dropped.values()].reduce((sum, { withheld, erased }) => sum + withheld + erased, 0)
}

const nobody: TakenOut = { withheld: 0, erased: 0 }

function takenOut(
  counts: RequestCounts,
  accepted: TakenOut = nobody,
  repaired: TakenOut = nobody,
): Partial<RequestCounts> {
  return {
    accepted: counts.accepted - accepted.withheld - accepted.erased,
    repaired: counts.repaired - repaired.withheld - repaired.erased,
    withheld: counts.withheld + accepted.withheld + repaired.withheld,
    erased: counts.erased + accepted.erased + repaired.erased,
  }
}
