import { createReadStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'

import type { Catalog } from '#catalog/catalog.ts'
import { readSets, type ReadSet } from '#catalog/files.ts'
import type { Engine } from '#engine/engine.ts'
import type { JobBase, LiveFile } from '#engine/job-base.ts'
import type { SeenSubject, SubjectFiles, TraceResult } from '#engine/subjects/subject-job.ts'
import type { Ids } from '#kernel/ids.ts'
import { inParallel } from '#kernel/in-parallel.ts'
import type { Lake, LakeHold } from '#lake/lake.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { DatasetDefinition } from '#model/definition.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import { subjectColumnsOf, timeColumnOf } from '#model/subject.ts'
import type { Tenant } from '#model/tenant.ts'

/** A kind of subject, and the datasets that may name some. */
export interface SubjectScope {
  readonly tenant: Tenant
  readonly kind: string
  readonly datasets: readonly DatasetDefinition[]
  readonly signal?: AbortSignal | undefined
}

export interface SubjectPage {
  readonly prefix: string
  readonly after: string | null
  /** Only these; null: everybody. */
  readonly values: readonly string[] | null
  readonly limit: number
}

export type SubjectPlace = TraceResult['places'][number]

/** Rows about one subject, ready to be sent. */
export interface CollectedRows {
  readonly rows: number
  readonly commitNumber: number
  /** Lines of JSON; what it reads from goes when it closes. To be called once, or `discard`. */
  open(): Readable
  discard(): Promise<void>
}

/** What is published about subjects, read from the files of one consistent set of versions. */
export interface SubjectReader {
  /** Subjects that published rows of sources name, in the order of their bytes. */
  list(scope: SubjectScope, page: SubjectPage): Promise<readonly SeenSubject[]>
  /** Where rows of one subject lie, in sources and in results that name it. */
  trace(scope: SubjectScope, value: string): Promise<readonly SubjectPlace[]>
  collect(scope: SubjectScope, value: string): Promise<CollectedRows>
}

export interface SubjectReaderParts {
  readonly catalog: Catalog
  readonly lake: Lake
  readonly engine: Engine
  readonly ids: Ids
  /** Existing private folder. */
  readonly scratchFolder: string
  readonly limits: JobBase['limits']
}

const FILES_AT_ONCE = 8

export function openSubjectReader(parts: SubjectReaderParts): SubjectReader {
  const { catalog, lake, engine, ids, scratchFolder, limits } = parts

  /** An erasure takes files away at once, whoever reads them: then the ones in their place are read. */
  async function reading<T>(
    scope: SubjectScope,
    datasets: readonly DatasetDefinition[],
    read: (files: SubjectFiles[], folder: string, commitNumber: number) => Promise<T>,
  ): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await readingOnce(scope, datasets, read)
      } catch (error) {
        if (attempt === TRIES || !isGone(error)) throw error
      }
    }
  }

  async function readingOnce<T>(
    scope: SubjectScope,
    datasets: readonly DatasetDefinition[],
    read: (files: SubjectFiles[], folder: string, commitNumber: number) => Promise<T>,
  ): Promise<T> {
    const naming = datasets.filter((dataset) => columnsOf(dataset, scope.kind).length > 0)
    const sets = await catalog.asTenant(scope.tenant, (session) =>
      readSets(
        session,
        naming.map(({ name }) => ({ dataset: name, partitions: null })),
      ),
    )
    const folder = join(scratchFolder, ids.next('subject'))
    await mkdir(join(folder, 'spill'), { recursive: true, mode: 0o700 })
    const hold = lake.hold()
    try {
      const files: SubjectFiles[] = []
      for (const [index, set] of sets.entries()) {
        files.push(await filesOf(hold, scope, naming[index] as DatasetDefinition, set))
      }
      return await read(files, folder, sets[0]?.commitNumber ?? 0)
    } catch (error) {
      await rm(folder, { recursive: true, force: true })
      throw error
    } finally {
      await hold.release()
    }
  }

  const jobOf = (dataset: string, folder: string) => ({
    dataset: `subjects of the kind ${dataset}`,
    tempFolder: join(folder, 'spill'),
    limits,
  })
  const options = ({ signal }: SubjectScope) => (signal ? { signal } : {})
  const removed = (folder: string) => rm(folder, { recursive: true, force: true })

  return {
    list: (scope, page) =>
      reading(
        scope,
        scope.datasets.filter(({ kind }) => kind === 'source'),
        async (sources, folder) => {
          const job = {
            ...jobOf(scope.kind, folder),
            ...page,
            kind: 'subject-seen',
            sources,
          } as const
          const { result } = await engine.run(job, options(scope))
          await removed(folder)
          return result.subjects
        },
      ),

    trace: (scope, value) =>
      reading(scope, scope.datasets, async (datasets, folder) => {
        const job = {
          ...jobOf(scope.kind, folder),
          kind: 'subject-trace',
          datasets,
          value,
        } as const
        const { result } = await engine.run(job, options(scope))
        await removed(folder)
        return result.places
      }),

    collect: (scope, value) =>
      reading(scope, scope.datasets, async (datasets, folder, commitNumber) => {
        const about = { datasets, value, toFolder: folder }
        const job = { ...jobOf(scope.kind, folder), kind: 'subject-collect', ...about } as const
        const { result } = await engine.run(job, options(scope))
        return {
          rows: result.rows,
          commitNumber,
          open() {
            const lines = Readable.from(linesOf(result.paths), { objectMode: false })
            return lines.once('close', () => void removed(folder).catch(() => {}))
          },
          discard: () => removed(folder),
        }
      }),
  }
}

const TRIES = 5

/** A file that was there is there no more: as the lake says it, or the engine, which looks for others then. */
function isGone(error: unknown): boolean {
  if (error instanceof MillraceError && error.code === 'file-missing') return true
  return (
    error instanceof Error && /Cannot access file|No files found|No such file/.test(error.message)
  )
}

async function* linesOf(paths: readonly string[]): AsyncGenerator<Buffer> {
  for (const path of paths) {
    for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) {
      yield chunk as Buffer
    }
  }
}

function columnsOf(dataset: DatasetDefinition, kind: string) {
  return subjectColumnsOf(dataset).filter((column) => column.kind === kind)
}

async function filesOf(
  hold: LakeHold,
  { kind, signal }: SubjectScope,
  definition: DatasetDefinition,
  set: ReadSet,
): Promise<SubjectFiles> {
  const lying = new Map<ReadSet['partitions'][number]['files'][number], PartitionKey[]>()
  for (const { partition, files } of set.partitions) {
    for (const file of files) lying.set(file, [...(lying.get(file) ?? []), partition])
  }
  const isSource = definition.kind === 'source'
  const files = await inParallel([...lying], FILES_AT_ONCE, async ([file, partitions]) => {
    const path = await hold.localPath(file, signal)
    return {
      path,
      partitions: isSource && !definition.append ? null : partitions,
    } satisfies LiveFile
  })
  return {
    dataset: definition.name,
    files,
    columns: columnsOf(definition, kind),
    time: isSource ? timeColumnOf(definition) : null,
  }
}
