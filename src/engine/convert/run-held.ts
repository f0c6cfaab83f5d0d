import { dirname } from 'node:path'

import type {
  Figures,
  FiguresJob,
  FiguresResult,
  HeldJob,
  HeldResult,
} from '#engine/convert/held-job.ts'
import type { JobContext } from '#engine/job-context.ts'
import { PARTITION_COLUMN } from '#engine/live-rows.ts'
import { describe } from '#engine/result-columns.ts'
import { openSession, type Session } from '#engine/session.ts'
import { identifier, literal } from '#engine/sql-text.ts'

const formats: Record<HeldJob['format'], string> = {
  csv: 'FORMAT csv, HEADER true',
  json: 'FORMAT json, ARRAY true',
  ndjson: 'FORMAT json',
}

/** Writes records that were held back to a file; `record` is what fixes know each by (`recordHash`). */
export async function runHeld(job: HeldJob, context: JobContext): Promise<HeldResult> {
  const session = context.adopt(
    await openSession(job.limits, job.tempFolder, {
      files: job.files.map(({ path }) => path),
      folders: [dirname(job.toPath)],
    }),
  )
  // Only the quarantine of rows that were sent says under which header they stood.
  const all = [
    'SELECT NULL::VARCHAR AS header WHERE false',
    ...job.files.map(
      ({ partition, path }) =>
        `SELECT ${literal(partition)} AS partition, * FROM read_parquet(${literal(path)})`,
    ),
  ]
  const also = job.headers ? ', header' : ''
  const { reason, records, lines } = job.where
  const record = `left(sha256(raw), 32)`
  const conditions = [
    ...(reason === null ? [] : [`reason = ${literal(reason)}`]),
    ...(records === null ? [] : [`${record} IN (${records.map(literal).join(', ') || 'NULL'})`]),
    ...(lines === null
      ? []
      : [`line IN (${lines.map((line) => Math.trunc(line)).join(', ') || 'NULL'})`]),
    ...(job.after === null
      ? []
      : [
          `(partition, file, byte_offset) > (${literal(job.after.partition)}, ${literal(job.after.file)}, ${Math.trunc(job.after.byteOffset)})`,
        ]),
  ]
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
  const limit = job.limit === null ? '' : ` LIMIT ${Math.max(0, Math.trunc(job.limit))}`
  const rows = await session.copy(
    `COPY (SELECT partition, ${record} AS record, file, line, byte_offset, "column", value, reason, raw${also} FROM (${all.join(' UNION ALL BY NAME ')}) AS held${where} ORDER BY partition, file, byte_offset${limit}) TO ${literal(job.toPath)} (${formats[job.format]})`,
  )
  return { kind: 'held', rows }
}

export async function runFigures(job: FiguresJob, context: JobContext): Promise<FiguresResult> {
  const files = [...job.before, ...job.after]
  const session = context.adopt(
    await openSession(job.limits, job.tempFolder, { files, folders: [] }),
  )
  return {
    kind: 'figures',
    before: await figuresOf(session, job.before, job.partitions),
    after: await figuresOf(session, job.after, job.partitions),
  }
}

async function figuresOf(
  session: Session,
  files: readonly string[],
  partitions: readonly string[],
): Promise<Figures> {
  if (files.length === 0) return { rows: 0, sums: {} }
  const from = `read_parquet([${files.map(literal).join(', ')}], union_by_name = true)`
  const columns = await describe(session, `SELECT * FROM ${from}`)
  const numeric = columns.filter(({ type }) =>
    /^(TINY|SMALL|BIG|HUGE|U)?INT|^(DOUBLE|FLOAT|DECIMAL)/.test(type),
  )
  const sums = numeric.map(
    ({ name, type }, at) =>
      `${/^(DOUBLE|FLOAT)/.test(type) ? 'round(fsum' : '(sum'}(${identifier(name)})${/^(DOUBLE|FLOAT)/.test(type) ? ', 9' : ''})::VARCHAR AS s${at}`,
  )
  const isCut = columns.some(({ name }) => name === PARTITION_COLUMN)
  const where = isCut
    ? ` WHERE ${PARTITION_COLUMN} IN (${partitions.map(literal).join(', ') || 'NULL'})`
    : ''
  const [row = {}] = await session.rows(
    `SELECT ${['count(*) AS n', ...sums].join(', ')} FROM ${from}${where}`,
  )
  return {
    rows: Number(row['n'] ?? 0),
    sums: Object.fromEntries(
      numeric.map(({ name }, at) => [name, row[`s${at}`] === null ? null : String(row[`s${at}`])]),
    ),
  }
}
