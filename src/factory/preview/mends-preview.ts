import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

import { readSet } from '#catalog/files.ts'
import { isAppendSource } from '#factory/append/parts.ts'
import { loadGraph } from '#factory/load-graph.ts'
import type { FactoryParts } from '#factory/parts.ts'
import type { DatasetEffect } from '#factory/preview/dataset-effect.ts'
import { previewReaders, type Previewing } from '#factory/preview/readers.ts'
import { rejudgeRows } from '#factory/preview/rejudge-rows.ts'
import { rereadObjects, type Reread } from '#factory/preview/reread-objects.ts'
import { nodeOf } from '#model/graph.ts'
import type { SourceDefinition } from '#model/definition.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { Tenant } from '#model/tenant.ts'

/** What mends that wait would do to a source and to everything that reads it. */
export interface MendsPreview {
  readonly partitions: Reread['partitions']
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
    const {
      partitions: read,
      made,
      files,
    } = isAppendSource(source)
      ? await rejudgeRows(previewing, source, partitions)
      : await rereadObjects(previewing, source, partitions)
    previewing.scratch.set(dataset, files)
    const effect = await effectOn(previewing, dataset, read.length, [...files.keys()])
    const readers = await previewReaders(previewing, graph, dataset, made, (...about) =>
      effectOn(previewing, ...about),
    )
    return {
      partitions: read,
      effects: [effect, ...readers],
    }
  } finally {
    await hold.release()
    await parts.lake.discardStaging(name)
  }
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
