import { readSets, type CatalogFile, type ReadSet } from '#catalog/files.ts'
import type { LiveFile } from '#engine/job-base.ts'
import type { Deal, DealtPair, JobInput } from '#engine/protocol.ts'
import type { Attempt } from '#factory/attempt.ts'
import type { FactoryParts } from '#factory/parts.ts'
import { MillraceError } from '#kernel/errors.ts'
import { inParallel } from '#kernel/in-parallel.ts'
import type { LakeHold } from '#lake/lake.ts'
import { engineType, type ColumnNote } from '#model/column.ts'
import type { AnalysisDefinition, Input, Partitioning } from '#model/definition.ts'
import { nodeOf, type Graph, type Node } from '#model/graph.ts'
import type { ResultColumn } from '#model/outcome.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import { sharedBy } from '#model/slices-series.ts'
import { forEachPart } from '#model/slices.ts'

/** Files that are verified, and brought here where they are remote, side by side. */
const FILES_AT_ONCE = 8

/** The inputs changed between planning the batch and reading them: resolve again. */
export class InputsMoved extends Error {}

/** Rows that stand in for published ones: by dataset and partition the file that holds them; null: none. */
export type Scratch = ReadonlyMap<string, ReadonlyMap<PartitionKey, string | null>>

/**
 * Files and dealing of every input of a batch; the files stay until the hold is released. All
 * versions come from one statement, and they are exactly those that the batch's fingerprints speak
 * of; otherwise throws {@link InputsMoved}. What is in `scratch` is taken from there.
 */
export async function resolveInputs(
  parts: Pick<FactoryParts, 'catalog'>,
  hold: LakeHold,
  attempt: Pick<Attempt, 'tenant' | 'signal'>,
  graph: Graph,
  definition: AnalysisDefinition,
  partitions: readonly PartitionKey[],
  scratch: Scratch = new Map(),
): Promise<{ inputs: JobInput[]; readBytes: number; versionIds: number[] }> {
  const wanted = definition.inputs.map((input) => wantedOf(graph, definition, input, partitions))
  const sets = await parts.catalog.asTenant(attempt.tenant, (session) =>
    readSets(
      session,
      definition.inputs.map((input, index) => ({
        dataset: input.dataset,
        partitions: [...(wanted[index]?.versions.keys() ?? [])].filter(
          (key) => !scratch.get(input.dataset)?.has(key),
        ),
      })),
    ),
  )
  let readBytes = 0
  const inputs: JobInput[] = []
  for (const [index, input] of definition.inputs.entries()) {
    const set = sets[index] as ReadSet
    const { versions, pairs } = wanted[index] as Wanted
    const own = scratch.get(input.dataset) ?? new Map<PartitionKey, string | null>()
    assertSame(new Map([...versions].filter(([key]) => !own.has(key))), set)
    const published = await liveFiles(hold, attempt, graph, input, set)
    const made = scratchFiles([...versions.keys()], own)
    const files = { live: [...published.live, ...made], bytes: published.bytes }
    readBytes += files.bytes
    inputs.push({
      dataset: input.dataset,
      files: files.live,
      deal: dealOf(nodeOf(graph, input.dataset), definition, input, pairs),
      ...shardsOf(nodeOf(graph, input.dataset), definition, input),
      columns: files.live.length > 0 ? null : columnsOf(nodeOf(graph, input.dataset), set),
    })
  }
  const versionIds = sets.flatMap((set) => set.partitions.map(({ versionId }) => versionId))
  return { inputs, readBytes, versionIds }
}

interface Wanted {
  /** Input partition → the version that the fingerprints were made from. */
  readonly versions: ReadonlyMap<PartitionKey, number>
  readonly pairs: readonly DealtPair[]
}

function wantedOf(
  graph: Graph,
  { partitioning }: AnalysisDefinition,
  input: Input,
  partitions: readonly PartitionKey[],
): Wanted {
  const upstream = nodeOf(graph, input.dataset)
  const versions = new Map<PartitionKey, number>()
  const pairs: DealtPair[] = []
  const byPairs = isDealtByPairs(upstream, partitioning, input)
  for (const partition of partitions) {
    const own = new Set<PartitionKey>()
    forEachPart(graph, partitioning, input, partition, (part) => {
      if (!part.live) return
      const key = upstream.domain[part.position] as PartitionKey
      const pointer = upstream.pointers[part.position] as number
      const version = pointer < 0 ? null : upstream.state.versionIds[pointer]
      if (version === null || version === undefined) return
      versions.set(key, version)
      if (byPairs && !own.has(key)) pairs.push({ partition, input: key })
      own.add(key)
    })
    // Every partition reads the same: once is enough.
    if (input.mapping.kind === 'all' && !byPairs) break
  }
  return { versions, pairs }
}

function assertSame(versions: ReadonlyMap<PartitionKey, number>, set: ReadSet): void {
  const same =
    set.partitions.length === versions.size &&
    set.partitions.every(({ partition, versionId }) => versions.get(partition) === versionId)
  if (!same) throw new InputsMoved(`the inputs from ${set.dataset} have moved on`)
}

/** The files of scratch that hold some of these partitions, each once. */
function scratchFiles(
  keys: readonly PartitionKey[],
  scratch: ReadonlyMap<PartitionKey, string | null>,
): LiveFile[] {
  const inScratch = keys.filter((key) => typeof scratch.get(key) === 'string')
  const byPath = Map.groupBy(inScratch, (key) => scratch.get(key) as string)
  return Array.from(byPath, ([path, partitions]) => ({ path, partitions }))
}

async function liveFiles(
  hold: LakeHold,
  attempt: Pick<Attempt, 'signal'>,
  graph: Graph,
  input: Input,
  set: ReadSet,
): Promise<{ live: LiveFile[]; bytes: number }> {
  const byFile = new Map<CatalogFile, PartitionKey[]>()
  for (const { partition, files } of set.partitions) {
    for (const file of files) {
      const partitions = byFile.get(file) ?? []
      byFile.set(file, partitions)
      partitions.push(partition)
    }
  }
  // A source's file holds one partition, so there is nothing to tell apart in it; segments hold several.
  const { definition } = nodeOf(graph, input.dataset)
  const single = definition.kind === 'source' && !definition.append
  let bytes = 0
  const live = await inParallel([...byFile], FILES_AT_ONCE, async ([file, partitions]) => {
    bytes += file.sizeBytes
    const path = await hold.localPath(file, attempt.signal)
    return { path, partitions: single ? null : partitions }
  })
  return { live, bytes }
}

function dealOf(
  upstream: Node,
  definition: AnalysisDefinition,
  input: Input,
  pairs: Wanted['pairs'],
): Deal {
  const byPairs = isDealtByPairs(upstream, definition.partitioning, input)
  if (input.mapping.kind === 'all') return byPairs ? { kind: 'pairs', pairs } : { kind: 'all' }
  if (input.mapping.kind !== 'observed') return { kind: 'pairs', pairs }
  if (upstream.definition.kind !== 'source' || !upstream.definition.observes) {
    throw new MillraceError('internal', {
      message: `${definition.name} reads ${input.dataset} as observed, which observes nothing`,
    })
  }
  const { column } = upstream.definition.observes
  const { grain } = definition.partitioning
  return { kind: 'period', column, grain, ...(byPairs && { pairs }) }
}

/** Rows of an input are told apart by its partitions, unless every partition reads all, or by time. */
function isDealtByPairs({ definition }: Node, reader: Partitioning, input: Input): boolean {
  if (input.mapping.kind !== 'all' && input.mapping.kind !== 'observed') return true
  const { key, shards } = sharedBy(reader, definition.partitioning, input)
  return key || shards
}

function shardsOf(
  { definition }: Node,
  { partitioning }: AnalysisDefinition,
  input: Input,
): Pick<JobInput, 'shards'> {
  if (!partitioning.shards) return {}
  if (input.whole) return { shards: 'whole' }
  const { shards } = sharedBy(partitioning, definition.partitioning, input)
  return { shards: shards ? 'own' : 'by-hash' }
}

/** Columns of an input without a file: of a version that has no rows, else as its author declares them. */
function columnsOf(node: Node, set: ReadSet): readonly ResultColumn[] | null {
  const published = set.partitions[0]?.columns
  if (published) return published
  const { definition } = node
  const columns: readonly ColumnNote[] =
    definition.kind === 'source'
      ? [...definition.columns, ...definition.derived]
      : definition.columns
  const typed = columns.flatMap(({ name, type }) =>
    type ? [{ name, type: engineType(type) }] : [],
  )
  return typed.length > 0 && typed.length === columns.length ? typed : null
}
