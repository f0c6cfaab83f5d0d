import { copyFile, rm } from 'node:fs/promises'
import { join } from 'node:path'

import type { JobContext } from '#engine/job-context.ts'
import type { StagedFile } from '#model/outcome.ts'
import { subjectColumnsOf } from '#model/subject.ts'
import { runChecks } from '#engine/analysis/checks.ts'
import { versionOfRows } from '#engine/convert/convert.ts'
import { observedValues } from '#engine/convert/observed-values.ts'
import { isOneOf, PARTITION_COLUMN } from '#engine/live-rows.ts'
import { describe } from '#engine/result-columns.ts'
import { openSession, type Session } from '#engine/session.ts'
import { literal } from '#engine/sql-text.ts'
import { finishFile } from '#engine/staging.ts'
import { dropRows } from '#engine/subjects/drop-rows.ts'
import { fieldsOfRecord, HeldRecords } from '#engine/subjects/held-records.ts'
import type { ForgetJob, ForgetResult, HeldLeft, RowsLeft } from '#engine/subjects/subject-job.ts'
import { concernedSql } from '#engine/subjects/subject-sql.ts'

/** Quarantined records that are looked at together. */
const PAGE = 2_000

/** One version of a source without the rows of erased subjects, quarantine included. */
export async function runForget(job: ForgetJob, context: JobContext): Promise<ForgetResult> {
  const { dataPaths, quarantinePaths, stagingFolder, tempFolder } = job
  const files = [...dataPaths, ...quarantinePaths]
  const folders = stagingFolder === null ? [tempFolder] : [tempFolder, stagingFolder]
  const session = context.adopt(await openSession(job.limits, tempFolder, { files, folders }))
  const isOwn = job.source.append ? ` WHERE ${isOneOf([job.partition])}` : ''
  const dataPath = await oneFile(session, job, 'rows', dataPaths, isOwn)
  const quarantinePath = await oneFile(session, job, 'held', quarantinePaths, '')
  const data = dataPath === null ? null : await forgetRows(session, job, dataPath)
  const held = quarantinePath === null ? null : await forgetHeld(session, job, quarantinePath)
  return {
    kind: 'subject-forget',
    erased: data?.erased ?? 0,
    data: data?.left ?? null,
    erasedQuarantined: held?.erased ?? 0,
    quarantine: held?.left ?? null,
  }
}

/** What lies in several files as one; null: there is none. */
async function oneFile(
  session: Session,
  { tempFolder }: ForgetJob,
  name: string,
  paths: readonly string[],
  isOwn: string,
): Promise<string | null> {
  const [first, ...others] = paths
  if (first === undefined || (others.length === 0 && isOwn === '')) return first ?? null
  const path = join(tempFolder, `${name}.parquet`)
  await session.copy(
    `COPY (SELECT * FROM read_parquet([${paths.map(literal).join(', ')}], union_by_name = true)${isOwn}) TO ${literal(path)} (FORMAT parquet, COMPRESSION lz4_raw)`,
  )
  return path
}

async function forgetRows(session: Session, job: ForgetJob, dataPath: string) {
  const { source, rules, stagingFolder, partition } = job
  const all = await describe(session, `SELECT * FROM read_parquet(${literal(dataPath)})`)
  const columns = all.filter(({ name }) => name !== PARTITION_COLUMN)
  // A file that is older than a column does not have it.
  const present = new Set(columns.map(({ name }) => name))
  const named = subjectColumnsOf(source).filter(({ column }) => present.has(column))
  if (stagingFolder === null) {
    const concerned = await concernedSql(session, dataPath, named, rules, 'erased')
    if (concerned === null) return { erased: 0, left: null }
    const from = `FROM read_parquet(${literal(dataPath)}) WHERE ${concerned}`
    const [counted] = await session.rows(`SELECT count(*) AS n ${from}`)
    return { erased: Number(counted?.['n'] ?? 0), left: null }
  }
  const path = join(stagingFolder, 'data.parquet')
  const partPath = `${path}.part`
  await copyFile(dataPath, partPath)
  const dropped = await dropRows(session, partPath, named, rules)
  const rows = dropped?.left ?? (await rowsIn(session, partPath))
  const checked = { dataset: source.name, partitions: [partition], checks: source.checks }
  const left: RowsLeft = {
    rows,
    dataVersion: dropped && (await versionOfRows(session, source.name, columns, partPath)),
    observed: await observedValues(session, source, columns, partPath),
    checks: (await runChecks(session, checked, partPath)).get(partition) ?? [],
    file: await finishOrRemove(partPath, path, rows),
  }
  return { erased: dropped?.erased ?? 0, left }
}

async function forgetHeld(session: Session, job: ForgetJob, path: string) {
  const { stagingFolder } = job
  const numbered = `read_parquet(${literal(path)}, file_row_number = true)`
  const gone = await goneFrom(session, job, numbered)
  if (stagingFolder === null) return { erased: gone.length, left: null }
  const list = gone.length === 0 ? 'unnest([]::BIGINT[])' : `unnest([${gone.join(', ')}])`
  const stays = `FROM ${numbered} WHERE file_row_number NOT IN (SELECT ${list})`
  const reasons = await session.rows(
    `SELECT reason, count(*) AS n ${stays} GROUP BY reason ORDER BY reason`,
  )
  const to = join(stagingFolder, 'quarantine.parquet')
  const rows = await session.copy(
    `COPY (SELECT * EXCLUDE (file_row_number) ${stays} ORDER BY file_row_number) TO ${literal(`${to}.part`)} (FORMAT parquet, COMPRESSION zstd)`,
  )
  const left: HeldLeft = {
    reasons: reasons.map(({ reason, n }) => ({ reason: String(reason), rows: Number(n) })),
    file: await finishOrRemove(`${to}.part`, to, rows),
  }
  return { erased: gone.length, left }
}

/** Places of the quarantined records that are about somebody who is erased. */
async function goneFrom(session: Session, job: ForgetJob, numbered: string): Promise<number[]> {
  const held = new HeldRecords(job.source, job.rules, indexIn(job))
  const gone: number[] = []
  for (let from = 0; ; from += PAGE) {
    const rows = await session.rows(
      `SELECT file_row_number AS number, reason, raw FROM ${numbered} WHERE file_row_number >= ${from} AND file_row_number < ${from + PAGE} ORDER BY 1`,
    )
    if (rows.length === 0) return gone
    for (const row of rows) {
      const raw = String(row['raw'])
      const isOfFields = job.header !== null && /-(unreadable|missing)$/.test(String(row['reason']))
      const fields = isOfFields ? fieldsOfRecord(raw) : null
      if (held.drops(raw, fields && ((index) => fields[index]))) gone.push(Number(row['number']))
    }
  }
}

async function rowsIn(session: Session, path: string): Promise<number> {
  const [row] = await session.rows(`SELECT count(*) AS n FROM read_parquet(${literal(path)})`)
  return Number(row?.['n'] ?? 0)
}

async function finishOrRemove(
  partPath: string,
  path: string,
  rows: number,
): Promise<StagedFile | null> {
  if (rows > 0) return finishFile(partPath, path, rows)
  await rm(partPath)
  return null
}

function indexIn({ header }: ForgetJob): (column: string) => number | null {
  const names = header?.map((name) => name.toLowerCase()) ?? []
  return (column) => {
    const index = names.indexOf(column.toLowerCase())
    return index < 0 ? null : index
  }
}
