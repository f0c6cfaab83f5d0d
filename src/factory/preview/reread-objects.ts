import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

import { loadMends } from '#catalog/repairs.ts'
import { loadOrigins } from '#catalog/source-objects.ts'
import { loadRules } from '#catalog/subject-rules.ts'
import type { ConvertResult } from '#engine/protocol.ts'
import { countsOf, type HeldCounts } from '#factory/preview/held-counts.ts'
import type { Would } from '#factory/preview/published-states.ts'
import type { Previewing } from '#factory/preview/readers.ts'
import type { SourceDefinition } from '#model/definition.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import { subjectColumnsOf } from '#model/subject.ts'

/** Partitions of a source as they would be with everything that waits, in scratch. */
export interface Reread {
  readonly partitions: readonly {
    readonly partition: PartitionKey
    /** Null: it is not published. */
    readonly before: HeldCounts | null
    readonly after: HeldCounts
    /** What would still be held back. */
    readonly reasons: readonly { readonly reason: string; readonly rows: number }[]
  }[]
  readonly made: readonly Would[]
  /** Their rows; null: none. */
  readonly files: Map<PartitionKey, string | null>
}

/** Reads the objects of some partitions. */
export async function rereadObjects(
  previewing: Previewing,
  source: SourceDefinition,
  partitions: readonly PartitionKey[],
): Promise<Reread> {
  const { parts, tenant } = previewing
  const origins = new Map(
    (await parts.catalog.asTenant(tenant, (session) => loadOrigins(session, source.name))).map(
      ({ partition, origin }) => [partition, origin],
    ),
  )
  const read: { partition: PartitionKey; result: ConvertResult }[] = []
  for (const partition of partitions) {
    const result = await convertWith(previewing, source, partition)
    read.push({ partition, result })
  }
  return {
    partitions: read.map(({ partition, result }) => ({
      partition,
      before: countsOf(origins.get(partition) ?? null),
      after: countsOf(result) as HeldCounts,
      reasons: result.quarantineReasons,
    })),
    made: read.map(({ partition, result }) => ({
      partition,
      dataVersion: result.outcome.dataVersion,
      codeVersion: source.codeVersion,
      observed: source.observes ? result.observed : null,
    })),
    files: new Map(read.map(({ partition, result }) => [partition, result.file?.path ?? null])),
  }
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
