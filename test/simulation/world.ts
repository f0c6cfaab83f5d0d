import { join } from 'node:path'

import type { BuildJob, BuildResult, ConvertJob, ConvertResult, Job } from '#engine/protocol.ts'
import { MillraceError } from '#kernel/errors.ts'
import { sha256 } from '#kernel/hash.ts'
import type { LakeFile } from '#lake/lake.ts'
import type { JobCost, ObservedValue, StagedFile } from '#model/outcome.ts'
import { coarsen, type PartitionKey } from '#model/partition-key.ts'
import { buildAnalysis, buildSource } from '../support/build-definitions.ts'
import { dataVersionOf } from '../support/observed-rows.ts'

/** A month that brings rows of some days, days computed from it, months rolled up from days. */
export const definitions = [
  buildSource('events', { observes: 'day' }),
  buildAnalysis('daily', 'day', { events: 'observed' }),
  buildAnalysis('monthly', 'month', { daily: 'roll-up' }),
]

/** Rows by partition, in code-unit order. Rows of events begin with their day. */
export type Rows = ReadonlyMap<PartitionKey, readonly string[]>

interface StoredFile extends LakeFile {
  readonly rows: Rows
}

/** What is outside of the catalog: objects of tenants, and the lake. It outlives every worker. */
export interface World {
  /** Replaces the object of a month. */
  put(tenant: string, month: PartitionKey, rows: readonly string[]): void
  object(tenant: string, month: PartitionKey): { rows: readonly string[]; etag: string } | null
  months(tenant: string): PartitionKey[]
  readonly files: Map<string, StoredFile>
  /** Complete files of attempts that nobody has adopted yet, by local path. */
  readonly staged: Map<string, Rows>
  /** What must be served when nothing is left to do: `dataset partition` → data version. */
  expected(tenant: string): Map<string, string>
  perform(job: Job): { result: ConvertResult | BuildResult; cost: JobCost }
}

const columns = [{ name: 'row', type: 'VARCHAR' }]
const cost: JobCost = { wallMs: 1, cpuMs: 1, peakMemoryBytes: 1, readBytes: 1, writtenBytes: 1 }

export function createWorld(): World {
  const objects = new Map<string, { rows: readonly string[]; etag: string }>()
  const files = new Map<string, StoredFile>()
  const staged = new Map<string, Rows>()

  function stage(folder: string, name: string, rows: Rows): StagedFile {
    const path = join(folder, name)
    staged.set(path, rows)
    return { path, ...describe(rows) }
  }

  function convert(job: ConvertJob): ConvertResult {
    const rows = staged.get(job.rawPath)?.get('') ?? []
    const observed: ObservedValue[] = [...Map.groupBy(rows, dayOf)].map(([value, own]) => ({
      value,
      dataVersion: dataVersionOf(own),
      rows: own.length,
    }))
    const { partition } = job
    return {
      kind: 'convert',
      rawSha256: sha256(rows.join('\n')),
      rawBytes: 1,
      received: rows.length,
      accepted: rows.length,
      repaired: 0,
      quarantined: 0,
      withheld: 0,
      erased: 0,
      header: [],
      file: rows.length > 0 ? stage(job.stagingFolder, 'data', new Map([[partition, rows]])) : null,
      columns,
      outcome: { partition, rows: rows.length, dataVersion: dataVersionOf(rows), checks: [] },
      observed,
      quarantine: null,
      quarantineReasons: [],
    }
  }

  function build(job: BuildJob): BuildResult {
    const built = new Map(job.partitions.map((partition) => [partition, rowsFor(job, partition)]))
    const some = new Map([...built].filter(([, rows]) => rows.length > 0))
    return {
      kind: 'build',
      file: some.size > 0 ? stage(job.stagingFolder, 'data', some) : null,
      columns,
      outcomes: [...built].map(([partition, rows]) => ({
        partition,
        rows: rows.length,
        dataVersion: dataVersionOf(rows),
        checks: [],
      })),
      mode: 'set',
      logs: [],
    }
  }

  /** All rows of all inputs that are dealt to the partition. */
  function rowsFor({ inputs }: BuildJob, partition: PartitionKey): string[] {
    const rows = inputs.flatMap(({ files: inputFiles, deal }) =>
      inputFiles.flatMap(({ path, partitions }) =>
        [...fileAt(path).rows].flatMap(([key, own]) => {
          if (partitions && !partitions.includes(key)) return []
          if (deal.kind === 'period') return own.filter((row) => dayOf(row) === partition)
          const dealt =
            deal.kind === 'all' ||
            deal.pairs.some((pair) => pair.partition === partition && pair.input === key)
          return dealt ? own : []
        }),
      ),
    )
    return rows.toSorted()
  }

  function fileAt(path: string): StoredFile {
    const file = files.get(path)
    if (!file) throw new MillraceError('file-missing', { path })
    return file
  }

  return {
    files,
    staged,
    put(tenant, month, rows) {
      const sorted = rows.toSorted()
      objects.set(`${tenant} ${month}`, { rows: sorted, etag: sha256(sorted.join('\n')) })
    },
    object: (tenant, month) => objects.get(`${tenant} ${month}`) ?? null,
    months: (tenant) =>
      [...objects.keys()].filter((name) => name.startsWith(`${tenant} `)).map((n) => n.slice(-7)),
    expected(tenant) {
      const own = [...objects].filter(([name]) => name.startsWith(`${tenant} `))
      const all = own.flatMap(([, { rows }]) => rows).toSorted()
      const versions = new Map<string, string>()
      for (const [name, { rows }] of own) {
        versions.set(`events ${name.slice(-7)}`, dataVersionOf(rows))
      }
      for (const [day, rows] of Map.groupBy(all, dayOf)) {
        versions.set(`daily ${day}`, dataVersionOf(rows))
      }
      for (const [month, rows] of Map.groupBy(all, (row) => coarsen(dayOf(row), 'month'))) {
        versions.set(`monthly ${month}`, dataVersionOf(rows))
      }
      return versions
    },
    perform(job) {
      if (job.kind === 'convert') return { result: convert(job), cost }
      if (job.kind === 'build') return { result: build(job), cost }
      throw new Error(`no simulation asks for a job of kind ${job.kind}`)
    },
  }
}

export function describe(rows: Rows): Omit<StagedFile, 'path'> {
  const texts = [...rows].map(([key, own]) => `${key}\n${own.join('\n')}`)
  const count = [...rows.values()].reduce((sum, own) => sum + own.length, 0)
  return { sizeBytes: texts.join('\n').length, sha256: sha256(texts.join('\n')), rows: count }
}

function dayOf(row: string): PartitionKey {
  return row.slice(0, 10)
}
