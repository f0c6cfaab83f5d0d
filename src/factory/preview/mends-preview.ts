import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

import { readSet } from '#catalog/files.ts'
import { loadMends } from '#catalog/repairs.ts'
import { loadOrigins } from '#catalog/source-objects.ts'
import { loadRules } from '#catalog/subject-rules.ts'
import type { ConvertResult } from '#engine/protocol.ts'
import { loadGraph } from '#factory/load-graph.ts'
import type { FactoryParts } from '#factory/parts.ts'
import type { DatasetEffect } from '#factory/preview/dataset-effect.ts'
import type { Would } from '#factory/preview/published-states.ts'
import { previewReaders, type Previewing } from '#factory/preview/readers.ts'
import { nodeOf } from '#model/graph.ts'
import type { SourceDefinition } from '#model/definition.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { SourceOrigin } from '#model/run.ts'
import { subjectColumnsOf } from '#model/subject.ts'
import type { Tenant } from '#model/tenant.ts'

export interface HeldCounts {
  readonly received: number
  readonly accepted: number
  readonly repaired: number
  readonly quarantined: number
}

/** What mends that wait would do to a source and to everything that reads it. */
export interface MendsPreview {
  readonly partitions: readonly {
    readonly partition: PartitionKey
    /** Null: it is not published. */
    readonly before: HeldCounts | null
    readonly after: HeldCounts
    /** What would still be held back. */
    readonly reasons: readonly { readonly reason: string; readonly rows: number }[]
  }[]
  /** The source first, then what reads it, inputs first. */
  readonly effects: readonly DatasetEffect[]
}

export async function previewMends(
  parts: FactoryParts,
  tenant: Tenant,
  {
    dataset,
    partitions,
  }: { readonly dataset: string; readonly partitions: readonly PartitionKey[] },
  signal: AbortSignal,
): Promise<MendsPreview> {
  const graph = await loadGraph(parts, tenant)
  const source = nodeOf(graph, dataset).definition as SourceDefinition
  const name = `preview-${tenant.id}-${parts.ids.next('x')}`
  const folder = await parts.lake.staging(name)
  const hold = parts.lake.hold()
  const previewing: Previewing = { parts, tenant, signal, folder, hold, scratch: new Map() }
  try {
    const origins = new Map(
      (await parts.catalog.asTenant(tenant, (session) => loadOrigins(session, dataset))).map(
        ({ partition, origin }) => [partition, origin],
      ),
    )
    const read: { partition: PartitionKey; result: ConvertResult }[] = []
    for (const partition of partitions) {
      const result = await convertWith(previewing, source, partition)
      read.push({ partition, result })
    }
    const changed = read.map(({ partition, result }): Would => ({
      partition,
      dataVersion: result.outcome.dataVersion,
      codeVersion: source.codeVersion,
      observed: source.observes ? result.observed : null,
    }))
    const files = new Map(
      read.map(({ partition, result }) => [partition, result.file?.path ?? null]),
    )
    previewing.scratch.set(dataset, files)
    const effect = await effectOn(previewing, dataset, partitions.length, [...files.keys()])
    const readers = await previewReaders(previewing, graph, dataset, changed, (...about) =>
      effectOn(previewing, ...about),
    )
    return {
      partitions: read.map(({ partition, result }) => ({
        partition,
        before: countsOf(origins.get(partition)),
        after: countsOf(result) as HeldCounts,
        reasons: result.quarantineReasons,
      })),
      effects: [effect, ...readers],
    }
  } finally {
    await hold.release()
    await parts.lake.discardStaging(name)
  }
}

function countsOf(counts: HeldCounts | SourceOrigin | undefined): HeldCounts | null {
  if (!counts) return null
  const { received, accepted, repaired, quarantined } = counts
  return { received, accepted, repaired, quarantined }
}

/** Reads a partition's object as it would be read with everything that waits. */
async function convertWith(
  { parts, tenant, signal, folder }: Previewing,
  source: SourceDefinition,
  partition: PartitionKey,
): Promise<ConvertResult> {
  const own = join(folder, parts.ids.next('p'))
  await mkdir(own)
  const rawPath = join(own, 'raw')
  const onProgress = () => {}
  const to = { path: rawPath, onProgress, signal }
  const object = await parts.sources.fetch(tenant, source, partition, to)
  const kinds = subjectColumnsOf(source).map(({ kind }) => kind)
  const { rules, mends } = await parts.catalog.asTenant(tenant, async (session) => ({
    rules: (await loadRules(session, kinds)).rules,
    mends: await loadMends(session, source.name, partition, { pending: true }),
  }))
  const { convertMemoryBytes: memoryBytes, convertThreads: threads, deadlineMs } = parts.limits
  const { result } = await parts.engine.run(
    {
      kind: 'convert',
      source,
      rules,
      mends,
      partition,
      rawPath,
      location: object.location,
      stagingFolder: own,
      tempFolder: own,
      limits: { memoryBytes, threads, deadlineMs },
    },
    { signal },
  )
  return result
}

/** Rows and sums of changed partitions, as they are published and as they would be. */
async function effectOn(
  { parts, tenant, signal, folder, hold, scratch }: Previewing,
  dataset: string,
  partitions: number,
  changed: readonly PartitionKey[],
): Promise<DatasetEffect> {
  if (changed.length === 0) return { dataset, partitions, changed, before: null, after: null }
  const set = await parts.catalog.asTenant(tenant, (session) => readSet(session, dataset, changed))
  const files = new Set(set.partitions.flatMap((partition) => partition.files))
  const before: string[] = []
  for (const file of files) before.push(await hold.localPath(file, signal))
  const made = scratch.get(dataset)
  const after = new Set(changed.flatMap((partition) => made?.get(partition) ?? []))
  const tempFolder = join(folder, parts.ids.next('f'))
  await mkdir(tempFolder)
  const { buildMemoryBytes: memoryBytes, deadlineMs } = parts.limits
  const limits = { memoryBytes, threads: 1, deadlineMs }
  const { result } = await parts.engine.run(
    {
      kind: 'figures',
      dataset,
      partitions: changed,
      before,
      after: [...after],
      tempFolder,
      limits,
    },
    { signal },
  )
  return { dataset, partitions, changed, before: result.before, after: result.after }
}
