import { createReadStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'

import type { Catalog } from '#catalog/catalog.ts'
import { readSet, type CatalogFile, type ReadPartition, type ReadSet } from '#catalog/files.ts'
import type { Engine } from '#engine/engine.ts'
import type { LiveFile, ReadJob } from '#engine/protocol.ts'
import { MillraceError } from '#kernel/errors.ts'
import { canonicalJson, sha256 } from '#kernel/hash.ts'
import type { Ids } from '#kernel/ids.ts'
import { inParallel } from '#kernel/in-parallel.ts'
import type { Lake } from '#lake/lake.ts'
import type { DatasetDefinition } from '#model/definition.ts'
import type { ResultColumn } from '#model/outcome.ts'
import { areNames, selects, type Selector } from '#model/partition-key-selection.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import { maySeePartition, rowFilters, type SeenRows } from '#model/seen-rows.ts'
import type { Tenant } from '#model/tenant.ts'

export type RowFormat = ReadJob['format']

export interface RowsRequest {
  readonly definition: DatasetDefinition
  /** Null: every partition that is published. */
  readonly partitions: readonly Selector[] | null
  readonly format: RowFormat
  /** At most so many rows; null: all. */
  readonly limit: number | null
  /** What of the dataset's rows the caller sees; null: all of it. */
  readonly seen: SeenRows | null
}

/** Rows of one consistent set of versions; nothing has been read yet but the catalog. */
export interface PublishedRows {
  /** The tenant's newest publish when the versions were resolved. */
  readonly commitNumber: number
  readonly partitions: readonly PartitionKey[]
  /** With a leading `partition` where more than one partition is read. */
  readonly columns: readonly ResultColumn[]
  /** Rows that `open` gives, and rows without the limit; of what is seen. */
  readonly rows: number
  readonly totalRows: number
  /** Equal for the same request over the same versions: the bytes are equal, too. */
  readonly etag: string
  /** Verified files → engine → temporary file → stream; the file goes when the stream closes. */
  open(signal?: AbortSignal): Promise<Readable>
}

export interface RowReader {
  /**
   * Throws `rows-unpublished` when none of the partitions is published, `columns-hidden` when no
   * column is seen.
   */
  resolve(tenant: Tenant, request: RowsRequest, signal?: AbortSignal): Promise<PublishedRows>
  /** Rows that were held back, in the engine's JSON; `totalRows` counts all of them. */
  quarantine(
    tenant: Tenant,
    dataset: string,
    partitions: readonly PartitionKey[] | null,
    limit: number,
    signal?: AbortSignal,
  ): Promise<unknown[]>
}

export interface RowReaderParts {
  readonly catalog: Catalog
  readonly lake: Lake
  readonly engine: Engine
  readonly ids: Ids
  /** Existing private folder for answers that are being sent. */
  readonly scratchFolder: string
  readonly limits: ReadJob['limits']
}

/** Files that are verified, and brought here where they are remote, side by side. */
const FILES_AT_ONCE = 8
const COUNTS_MAX = 10_000

export function openRowReader(parts: RowReaderParts): RowReader {
  const { catalog, lake, engine, ids, scratchFolder, limits } = parts

  /** Runs a read job in a folder of its own, which is the caller's to remove unless it throws. */
  async function readInto(
    folder: string,
    job: Omit<ReadJob, 'kind' | 'files' | 'limits' | 'tempFolder'>,
    files: readonly { readonly file: CatalogFile; readonly live: LiveFile['partitions'] }[],
    signal: AbortSignal | undefined,
  ): Promise<number> {
    const tempFolder = join(folder, 'spill')
    await mkdir(tempFolder, { recursive: true, mode: 0o700 })
    const hold = lake.hold()
    try {
      const live = await inParallel(files, FILES_AT_ONCE, async ({ file, live: partitions }) => ({
        path: await hold.localPath(file, signal),
        partitions,
      }))
      const { result } = await engine.run(
        { ...job, kind: 'read', files: live, limits, tempFolder },
        signal ? { signal } : {},
      )
      return result.rows
    } catch (error) {
      await rm(folder, { recursive: true, force: true })
      throw error
    } finally {
      await hold.release()
    }
  }

  /** Streams what a read job writes; its folder ends with the stream. */
  async function stream(
    job: Omit<ReadJob, 'kind' | 'files' | 'limits' | 'tempFolder' | 'toPath'>,
    files: Parameters<typeof readInto>[2],
    signal: AbortSignal | undefined,
  ): Promise<Readable> {
    const folder = join(scratchFolder, ids.next('read'))
    const toPath = join(folder, 'rows')
    await readInto(folder, { ...job, toPath }, files, signal)
    const bytes = createReadStream(toPath, { highWaterMark: 256 * 1024 })
    bytes.once('close', () => void rm(folder, { recursive: true, force: true }).catch(() => {}))
    return bytes
  }

  /** Rows of these versions that somebody sees never change, so they are counted once. */
  const counted = new Map<string, number>()

  async function visibleRows(
    tenant: Tenant,
    { dataset, partitions }: ReadSet,
    seen: SeenRows | null,
    signal: AbortSignal | undefined,
  ): Promise<number> {
    const all = partitions.reduce((sum, { rows }) => sum + rows, 0)
    if (all === 0 || seen === null || seen.filters.length === 0) return all
    const versions = partitions.map(({ versionId }) => versionId)
    const identity = sha256(canonicalJson([tenant.id, dataset, versions, seen.filters]))
    const known = counted.get(identity)
    if (known !== undefined) return known
    const folder = join(scratchFolder, ids.next('count'))
    const keys = partitions.map(({ partition }) => partition)
    const job = { dataset, partitions: keys, order: null, format: 'json', limit: null } as const
    const toPath = join(folder, 'rows')
    const rows = await readInto(
      folder,
      { ...job, toPath, seen, counting: true },
      filesOf(partitions),
      signal,
    )
    await rm(folder, { recursive: true, force: true })
    for (const oldest of counted.keys()) {
      if (counted.size < COUNTS_MAX) break
      counted.delete(oldest)
    }
    counted.set(identity, rows)
    return rows
  }

  return {
    async resolve(tenant, { definition, partitions, format, limit, seen: asked }, signal) {
      const dataset = definition.name
      const whole = await readSelected(catalog, tenant, definition, partitions)
      const { set, seen } = visibleSet(whole, definition, asked)
      if (set.partitions.length === 0) {
        const asked = partitions ? spoken(partitions) : 'any partition'
        throw new MillraceError('rows-unpublished', { dataset, partitions: asked })
      }
      const keys = set.partitions.map(({ partition }) => partition)
      const columns = columnsOf(set.partitions, seen)
      if (seen?.columns != null && !columns.some(({ name }) => seen.columns?.includes(name))) {
        throw new MillraceError('columns-hidden', { dataset })
      }
      const totalRows = await visibleRows(tenant, set, seen, signal)
      const order = definition.kind === 'analysis' ? (definition.order ?? null) : null
      const versions = set.partitions.map(({ versionId }) => versionId)
      const identity = canonicalJson([
        ANSWER_VERSION,
        dataset,
        versions,
        format,
        limit,
        order,
        seen,
      ])
      return {
        commitNumber: set.commitNumber,
        partitions: keys,
        columns,
        rows: limit === null ? totalRows : Math.min(limit, totalRows),
        totalRows,
        etag: `"${sha256(identity).slice(0, 32)}"`,
        async open(opening) {
          if (totalRows === 0 && format !== 'parquet') return emptyAnswer(format, columns)
          return stream(
            { dataset, partitions: keys, order, format, limit, seen },
            filesOf(set.partitions),
            opening,
          )
        },
      }
    },

    async quarantine(tenant, dataset, partitions, limit, signal) {
      const set = await catalog.asTenant(tenant, (session) => readSet(session, dataset, partitions))
      const files = set.partitions.flatMap(({ quarantine }) => quarantine)
      if (files.length === 0 || limit === 0) return []
      const order = 'file, line'
      const job = { dataset, partitions: [], order, format: 'json', limit, seen: null } as const
      const bytes = await stream(
        job,
        files.map((file) => ({ file, live: null })),
        signal,
      )
      const text = Buffer.concat(await bytes.toArray()).toString('utf8')
      return JSON.parse(text) as unknown[]
    },
  }
}

async function readSelected(
  catalog: Catalog,
  tenant: Tenant,
  { name, partitioning }: DatasetDefinition,
  selectors: readonly Selector[] | null,
): Promise<ReadSet> {
  const known = selectors === null || areNames(selectors, partitioning)
  const set = await catalog.asTenant(tenant, (session) =>
    readSet(session, name, known ? selectors : null),
  )
  if (known) return set
  const isSelected = selects(selectors, partitioning)
  return { ...set, partitions: set.partitions.filter(({ partition }) => isSelected(partition)) }
}

/** Without partitions of which nothing is seen, and what is left to be judged row by row. */
function visibleSet(
  set: ReadSet,
  definition: DatasetDefinition,
  seen: SeenRows | null,
): { readonly set: ReadSet; readonly seen: SeenRows | null } {
  if (seen === null) return { set, seen }
  const partitions = set.partitions.filter((one) =>
    maySeePartition(definition, seen, one.partition),
  )
  const columns = partitions.flatMap((one) => one.columns.map(({ name }) => name))
  const filters = rowFilters(definition, seen, columns)
  return { set: { ...set, partitions }, seen: { columns: seen.columns, filters } }
}

/** Part of every ETag: to be raised when the same versions are written in another form. */
const ANSWER_VERSION = 2

/** Each file once, with those of its partitions that are read. */
function filesOf(partitions: readonly ReadPartition[]) {
  const files = new Map<number, { file: CatalogFile; live: PartitionKey[] }>()
  for (const { partition, files: itsFiles } of partitions) {
    for (const file of itsFiles) {
      const known = files.get(file.id)
      if (known) known.live.push(partition)
      else files.set(file.id, { file, live: [partition] })
    }
  }
  return [...files.values()]
}

/** Columns that are seen by name over all versions; one that came later stands at the end. */
function columnsOf(partitions: readonly ReadPartition[], seen: SeenRows | null): ResultColumn[] {
  const columns = new Map<string, ResultColumn>()
  if (partitions.length > 1) columns.set('partition', { name: 'partition', type: 'VARCHAR' })
  for (const partition of partitions) {
    for (const column of partition.columns) {
      if (seen?.columns?.includes(column.name) === false) continue
      if (!columns.has(column.name)) columns.set(column.name, column)
    }
  }
  return [...columns.values()]
}

function emptyAnswer(format: RowFormat, columns: readonly ResultColumn[]): Readable {
  const header = columns.map(({ name }) => csvField(name)).join(',')
  const text = format === 'csv' ? `${header}\n` : format === 'json' ? '[]\n' : ''
  return Readable.from([Buffer.from(text)], { objectMode: false })
}

function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function spoken(partitions: readonly PartitionKey[]): string {
  const [first = 'no partition'] = partitions
  return partitions.length > 3 ? `${first}..${partitions.at(-1)}` : partitions.join(', ') || first
}
