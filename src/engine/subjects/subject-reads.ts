import { join } from 'node:path'

import type { JobContext } from '#engine/job-context.ts'
import { liveRowsSql, PARTITION_COLUMN } from '#engine/live-rows.ts'
import { describe } from '#engine/result-columns.ts'
import { openSession, type Session } from '#engine/session.ts'
import { identifier, literal } from '#engine/sql-text.ts'
import type {
  CollectJob,
  CollectResult,
  SeenJob,
  SeenResult,
  SubjectFiles,
  TraceJob,
  TraceResult,
} from '#engine/subjects/subject-job.ts'
import { subjectSql } from '#engine/subjects/subject-sql.ts'

/** Live rows of a dataset, as far as its files have the columns that matter; null: none has. */
interface Readable {
  readonly dataset: string
  readonly relation: string
  readonly names: readonly string[]
  readonly types: ReadonlyMap<string, string>
  readonly timeMs: string
}

export async function runSeen(job: SeenJob, context: JobContext): Promise<SeenResult> {
  const session = await openOver(job, job.sources, context)
  const parts: string[] = []
  const bound = await upperBound(session, job)
  const isInPage = (value: string) =>
    `${isWanted(job, value)}${bound === null ? '' : ` AND ${value} <= ${literal(bound)}`}`
  for (const source of job.sources) {
    const readable = await readableOf(session, source)
    for (const name of readable?.names ?? []) {
      parts.push(
        `SELECT ${subjectSql(name)} AS value, count(*) AS n, min(${readable?.timeMs}) AS first_ms, max(${readable?.timeMs}) AS last_ms FROM ${readable?.relation} WHERE ${isInPage(subjectSql(name))} GROUP BY 1`,
      )
    }
  }
  if (parts.length === 0) return { kind: 'subject-seen', subjects: [] }
  const rows = await session.rows(
    `SELECT value, sum(n)::BIGINT AS n, min(first_ms) AS first_ms, max(last_ms) AS last_ms FROM (${parts.join(' UNION ALL ')}) GROUP BY value ORDER BY value LIMIT ${Math.trunc(job.limit)}`,
  )
  return {
    kind: 'subject-seen',
    subjects: rows.map((row) => ({ value: String(row['value']), ...figuresOf(row) })),
  }
}

/**
 * No value of the page comes after this one: a file that holds a whole page by itself tells it, so that
 * of the others only a few values have to be grouped.
 */
async function upperBound(session: Session, job: SeenJob): Promise<string | null> {
  const [source] = job.sources
  const [first] = source?.files ?? []
  if (!source || !first) return null
  const readable = await readableOf(session, { ...source, files: [first] })
  const [name] = readable?.names ?? []
  if (!readable || name === undefined) return null
  const limit = Math.trunc(job.limit)
  const [row] = await session.rows(
    `SELECT max(value) AS last FROM (SELECT DISTINCT ${subjectSql(name)} AS value FROM ${readable.relation} WHERE ${isWanted(job, subjectSql(name))} ORDER BY value LIMIT ${limit}) HAVING count(*) = ${limit}`,
  )
  return row ? String(row['last']) : null
}

export async function runTrace(job: TraceJob, context: JobContext): Promise<TraceResult> {
  const session = await openOver(job, job.datasets, context)
  const places: TraceResult['places'][number][] = []
  for (const dataset of job.datasets) {
    const readable = await readableOf(session, dataset)
    if (!readable) continue
    const rows = await session.rows(
      `SELECT ${PARTITION_COLUMN} AS partition, count(*) AS n, min(${readable.timeMs}) AS first_ms, max(${readable.timeMs}) AS last_ms FROM ${readable.relation} WHERE ${isAbout(readable, job.value)} GROUP BY 1 ORDER BY 1`,
    )
    for (const row of rows) {
      const partition = String(row['partition'])
      places.push({ dataset: dataset.dataset, partition, ...figuresOf(row) })
    }
  }
  return { kind: 'subject-trace', places }
}

export async function runCollect(job: CollectJob, context: JobContext): Promise<CollectResult> {
  const session = await openOver(job, job.datasets, context, [job.toFolder])
  const paths: string[] = []
  let rows = 0
  for (const [index, dataset] of job.datasets.entries()) {
    const readable = await readableOf(session, dataset)
    if (!readable) continue
    const fields = [...readable.types].map(([name, type]) => {
      const column = identifier(name)
      // JSON knows no NaN.
      const value = /^(DOUBLE|FLOAT)$/.test(type)
        ? `CASE WHEN isfinite(${column}) THEN ${column} END`
        : column
      return `${column} := ${value}`
    })
    const path = join(job.toFolder, `rows-${index}.ndjson`)
    const written = await session.copy(
      `COPY (SELECT ${literal(dataset.dataset)} AS dataset, ${PARTITION_COLUMN} AS "partition", struct_pack(${fields.join(', ')}) AS "row" FROM ${readable.relation} WHERE ${isAbout(readable, job.value)} ORDER BY ${PARTITION_COLUMN}) TO ${literal(path)} (FORMAT json)`,
    )
    if (written === 0) continue
    rows += written
    paths.push(path)
  }
  return { kind: 'subject-collect', rows, paths }
}

async function openOver(
  job: SeenJob | TraceJob | CollectJob,
  datasets: readonly SubjectFiles[],
  context: JobContext,
  folders: readonly string[] = [],
): Promise<Session> {
  const files = datasets.flatMap((dataset) => dataset.files.map(({ path }) => path))
  const reach = { files, folders: [job.tempFolder, ...folders] }
  return context.adopt(await openSession(job.limits, job.tempFolder, reach))
}

async function readableOf(session: Session, dataset: SubjectFiles): Promise<Readable | null> {
  if (dataset.files.length === 0) return null
  const select = liveRowsSql(dataset.files, null, null)
  const columns = await describe(session, select)
  const types = new Map(columns.map(({ name, type }) => [name, type]))
  const names = dataset.columns.map(({ column }) => column).filter((name) => types.has(name))
  if (names.length === 0) return null
  types.delete(PARTITION_COLUMN)
  const isTimed = dataset.time !== null && types.has(dataset.time)
  const timeMs = isTimed ? `epoch_ms(${identifier(dataset.time)}::TIMESTAMP)` : 'NULL::BIGINT'
  return { dataset: dataset.dataset, relation: `(${select})`, names, types, timeMs }
}

function isAbout({ names }: Readable, value: string): string {
  if (value === '' || value.includes('\0')) return 'false'
  return `(${names.map((name) => `ifnull(${subjectSql(name)} = ${literal(value)}, false)`).join(' OR ')})`
}

/** What SQL cannot say (NUL) no published text holds. */
function isWanted({ prefix, after, values }: SeenJob, value: string): string {
  const terms = [`${value} IS NOT NULL`]
  if (prefix.includes('\0')) return 'false'
  if (prefix !== '') terms.push(`starts_with(${value}, ${literal(prefix)})`)
  if (after !== null) terms.push(`${value} > ${literal(after.split('\0')[0] ?? '')}`)
  if (values) {
    const list = values.filter((each) => !each.includes('\0')).map(literal)
    terms.push(list.length === 0 ? 'false' : `${value} IN (${list.join(', ')})`)
  }
  return terms.join(' AND ')
}

function figuresOf(row: Readonly<Record<string, unknown>>) {
  const ms = (value: unknown) => (value === null || value === undefined ? null : Number(value))
  return { rows: Number(row['n']), firstMs: ms(row['first_ms']), lastMs: ms(row['last_ms']) }
}
