import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

import type { JobContext } from '#engine/job-context.ts'
import { MillraceError } from '#kernel/errors.ts'
import { sha256 } from '#kernel/hash.ts'
import type { SourceDefinition } from '#model/definition.ts'
import type { ResultColumn, StagedFile } from '#model/outcome.ts'
import { runChecks } from '#engine/analysis/checks.ts'
import { sumsBy } from '#engine/analysis/outcomes.ts'
import { observedValues } from '#engine/convert/observed-values.ts'
import { openPlain } from '#engine/convert/plain-file.ts'
import type { QuarantineFile } from '#engine/convert/quarantine-file.ts'
import { scanFile } from '#engine/convert/scan.ts'
import type { Scan } from '#engine/convert/scan.ts'
import { scanJson } from '#engine/convert/scan-json.ts'
import { emptySelect, sourceColumns, typedSelect } from '#engine/convert/typed-select.ts'
import type { ConvertJob, ConvertResult } from '#engine/protocol.ts'
import { dataVersionOf, noRows } from '#engine/row-hash/row-hash.ts'
import { openSession } from '#engine/session.ts'
import type { Session } from '#engine/session.ts'
import { literal } from '#engine/sql-text.ts'
import { finishFile } from '#engine/staging.ts'
import { dropRows, type Dropped } from '#engine/subjects/drop-rows.ts'
import { subjectColumnsOf } from '#model/subject.ts'

/** They go up when the same bytes would be read as other rows; part of every source's data version. */
const readerVersions = { csv: 'csv-1', ndjson: 'json-1', json: 'json-1' } as const

/**
 * A raw object as typed rows of one source partition, and the rows that are held back. Memory does
 * not grow with the file: the scan has one window, DuckDB streams from file to file.
 */
export async function runConvert(job: ConvertJob, context: JobContext): Promise<ConvertResult> {
  const { source, location, tempFolder } = job
  const rawBytes = (await stat(job.rawPath)).size
  if (rawBytes === 0) throw new MillraceError('source-empty', { location })
  const plain = await openPlain(job, join(tempFolder, 'plain'), context.signal)
  const totalBytes = (await stat(plain.path)).size
  const isCsv = source.format.kind === 'csv'
  const scan = await (isCsv ? scanFile : scanJson)({
    source,
    rules: job.rules ?? null,
    mends: job.mends ?? null,
    path: plain.path,
    location,
    tempFolder,
    signal: context.signal,
    onProgress: (bytes) => context.progress({ step: 'scan', bytes, totalBytes }),
  })
  refuseHeldReference(job, scan.quarantine)
  const rawSha256 = plain.rawSha256 ?? scan.rawSha256
  const session = context.adopt(
    await openSession(job.limits, tempFolder, {
      files: [scan.clean.path],
      folders: [tempFolder, job.stagingFolder],
    }),
  )
  context.progress({ step: 'convert', rows: scan.received })
  const written = await writeRows(session, job, context, scan)
  const quarantine = await writeQuarantine(session, job, scan.quarantine)
  const { clean } = scan
  const others = clean.kind === 'csv' ? [clean.rewrittenPath, clean.mendedPath ?? ''] : []
  for (const path of [plain.path, clean.path, ...others, scan.quarantine.path]) {
    if (path !== '') await rm(path, { force: true })
  }
  return {
    kind: 'convert',
    rawSha256,
    rawBytes,
    received: scan.received,
    accepted: written.accepted - scan.repaired,
    repaired: scan.repaired,
    quarantined: scan.quarantine.rows,
    withheld: scan.dropped.withheld + written.dropped.withheld,
    erased: scan.dropped.erased + written.dropped.erased,
    header: isCsv ? scan.header.names : null,
    file: written.file,
    columns: written.columns,
    outcome: {
      partition: job.partition,
      rows: written.accepted,
      dataVersion:
        written.dataVersion ??
        `${sha256(versionText(rawSha256, source, scan)).slice(0, 32)}:${written.accepted}`,
      checks: written.checks,
    },
    observed: written.observed,
    quarantine,
    quarantineReasons: Array.from(scan.quarantine.counts, ([reason, rows]) => ({ reason, rows })),
  }
}

/** What decides the rows: the file, how it is read, and the rows that were mended. */
function versionText(
  rawSha256: string,
  { format }: SourceDefinition,
  { mendedDigest }: Scan,
): string {
  const read = `${rawSha256}\n${readerVersions[format.kind]}`
  return mendedDigest === null ? read : `${read}\nmended ${mendedDigest}`
}

interface Written extends Pick<ConvertResult, 'accepted' | 'file' | 'observed'> {
  readonly columns: readonly ResultColumn[]
  readonly checks: ConvertResult['outcome']['checks']
  readonly dropped: Pick<Dropped, 'withheld' | 'erased'>
  /** Of the rows themselves, where not all that the file holds are there; null: the file's hash says it. */
  readonly dataVersion: string | null
}

async function writeRows(
  session: Session,
  job: ConvertJob,
  context: JobContext,
  scan: Scan,
): Promise<Written> {
  const { source, partition } = job
  const columns = sourceColumns(source, scan.header)
  const expected =
    scan.received - scan.quarantine.rows - scan.dropped.withheld - scan.dropped.erased
  const path = join(job.stagingFolder, 'data.parquet')
  const partPath = `${path}.part`
  const select =
    expected === 0 ? emptySelect(partition, columns) : typedSelect(source, partition, scan)
  const typed = await session.copy(
    `COPY (${select}) TO ${literal(partPath)} (FORMAT parquet, COMPRESSION lz4_raw)`,
  )
  const dropped = job.rules
    ? await dropRows(session, partPath, subjectColumnsOf(source), job.rules)
    : null
  const { left: accepted, withheld, erased } = dropped ?? { left: typed, withheld: 0, erased: 0 }
  if (typed !== expected || accepted + withheld + erased !== expected) {
    const message = `${job.location}: ${scan.received} rows received, ${scan.quarantine.rows} quarantined, ${withheld} withheld, ${erased} erased, but ${accepted} of ${typed} written`
    throw new MillraceError('internal', { message })
  }
  context.progress({ step: 'check', rows: accepted })
  const checked = { dataset: source.name, partitions: [partition], checks: source.checks }
  const checks = (await runChecks(session, checked, partPath)).get(partition) ?? []
  const observed = await observedValues(session, source, columns, partPath)
  const dataVersion = dropped && (await versionOfRows(session, source.name, columns, partPath))
  const told = { accepted, observed, columns, checks, dropped: { withheld, erased }, dataVersion }
  if (accepted === 0) {
    await rm(partPath)
    return { ...told, file: null }
  }
  return { ...told, file: await finishFile(partPath, path, accepted) }
}

/** Equal for the same rows, whether a subject was left out while reading or taken out afterwards. */
export async function versionOfRows(
  session: Session,
  dataset: string,
  columns: readonly ResultColumn[],
  path: string,
): Promise<string> {
  const relation = `read_parquet(${literal(path)})`
  const sums = await sumsBy(session, dataset, columns, relation, "''")
  return dataVersionOf(columns, sums.get('') ?? noRows)
}

async function writeQuarantine(
  session: Session,
  job: ConvertJob,
  quarantine: QuarantineFile,
): Promise<StagedFile | null> {
  if (quarantine.rows === 0) return null
  const path = join(job.stagingFolder, 'quarantine.parquet')
  const rows = await session.copy(
    `COPY (SELECT ${literal(job.location)} AS file, * FROM read_json(${literal(quarantine.path)}, format = 'newline_delimited', columns = {line: 'BIGINT', byte_offset: 'BIGINT', "column": 'VARCHAR', value: 'VARCHAR', reason: 'VARCHAR', raw: 'VARCHAR'})) TO ${literal(`${path}.part`)} (FORMAT parquet, COMPRESSION zstd)`,
  )
  if (rows !== quarantine.rows) {
    throw new MillraceError('internal', {
      message: `${job.location}: ${quarantine.rows} rows quarantined, but ${rows} of them written`,
    })
  }
  return finishFile(`${path}.part`, path, rows)
}

/** A reference table is small and ours: a bad line in it is a mistake to correct, not data to set aside. */
function refuseHeldReference({ source, location }: ConvertJob, { first }: QuarantineFile): void {
  if (!source.reference || !first) return
  const { line, reason } = first
  throw new MillraceError('source-row-bad', { location, dataset: source.name, line, reason })
}
