import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

import { resolveInputs } from '#factory/build-inputs.ts'
import type { FactoryParts } from '#factory/parts.ts'
import type { DatasetEffect } from '#factory/preview/dataset-effect.ts'
import { withPublished, type Would } from '#factory/preview/published-states.ts'
import type { LakeHold } from '#lake/lake.ts'
import { buildGraph } from '#model/build-graph.ts'
import type { AnalysisDefinition } from '#model/definition.ts'
import { analysisFingerprint } from '#model/fingerprint.ts'
import { nodeOf, positionOf, type Graph } from '#model/graph.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { Tenant } from '#model/tenant.ts'

/** Partitions of one dataset that a preview computes at most; a batch's worth. */
const PARTITIONS_MAX = 256

export interface Previewing {
  readonly parts: FactoryParts
  readonly tenant: Tenant
  readonly signal: AbortSignal
  /** Everything that is made lies in it, and goes with it. */
  readonly folder: string
  readonly hold: LakeHold
  /** Rows that stand in for published ones. */
  readonly scratch: Map<string, Map<PartitionKey, string | null>>
}

/**
 * Computes whatever reads a source as if some of its partitions were published otherwise, in the order
 * in which it would be built; what comes out as it was ends the wave there.
 */
export async function previewReaders(
  previewing: Previewing,
  graph: Graph,
  source: string,
  made: readonly Would[],
  effectOn: (
    dataset: string,
    partitions: number,
    changed: readonly PartitionKey[],
  ) => Promise<DatasetEffect>,
): Promise<DatasetEffect[]> {
  const { datasets } = previewing.parts
  const states = new Map([...graph].map(([name, node]) => [name, node.state]))
  const publish = (dataset: string, partitions: readonly Would[]) =>
    states.set(dataset, withPublished(nodeOf(graph, dataset).state, partitions))
  publish(source, made)
  const moved = new Set([source])
  const unknown = new Set<string>()
  const effects: DatasetEffect[] = []
  for (const definition of datasets) {
    if (definition.kind !== 'analysis') continue
    const { name, inputs } = definition
    const reads = inputs.map(({ dataset }) => dataset)
    if (!reads.some((dataset) => moved.has(dataset) || unknown.has(dataset))) continue
    const would = buildGraph(datasets, states)
    const touched = touchedBy(graph, would, definition)
    const isUnknown = reads.some((dataset) => unknown.has(dataset))
    if (isUnknown || touched.length > PARTITIONS_MAX) {
      unknown.add(name)
      const partitions = touched.length
      effects.push({ dataset: name, partitions, changed: null, before: null, after: null })
      continue
    }
    if (touched.length === 0) continue
    const changed: Would[] = []
    // Running state: each partition is computed from the one before it, as that would be.
    const batches = reads.includes(name) ? touched.map((key) => [key]) : [touched]
    for (const batch of batches) {
      const now = batches.length > 1 ? buildGraph(datasets, states) : would
      changed.push(...(await computed(previewing, graph, now, definition, batch)))
      publish(name, changed)
    }
    if (changed.length > 0) moved.add(name)
    effects.push(
      await effectOn(
        name,
        touched.length,
        changed.map(({ partition }) => partition),
      ),
    )
  }
  return effects
}

/** Published partitions whose inputs would be other ones, and those that would come to be. */
function touchedBy(graph: Graph, would: Graph, definition: AnalysisDefinition): PartitionKey[] {
  const before = nodeOf(graph, definition.name)
  const [cache, other] = [new Map<string, string>(), new Map<string, string>()]
  const isReadAgain = definition.inputs.some(({ dataset }) => dataset === definition.name)
  let isBehind = false
  return nodeOf(would, definition.name).domain.filter((key) => {
    const position = positionOf(before, key)
    if (position >= 0 && (before.pointers[position] as number) < 0) return false
    const isTouched =
      position < 0 ||
      analysisFingerprint(graph, definition, key, cache) !==
        analysisFingerprint(would, definition, key, other)
    isBehind ||= isTouched
    return isTouched || (isReadAgain && isBehind)
  })
}

/** Computes partitions into scratch; returns those that come out otherwise. */
async function computed(
  { parts, tenant, signal, folder, hold, scratch }: Previewing,
  graph: Graph,
  would: Graph,
  definition: AnalysisDefinition,
  partitions: readonly PartitionKey[],
): Promise<Would[]> {
  const { name, language, text, partitioning, order, codeVersion } = definition
  const asked = { tenant, signal }
  const { inputs } = await resolveInputs(parts, hold, asked, would, definition, partitions, scratch)
  const stagingFolder = join(folder, parts.ids.next('b'))
  await mkdir(stagingFolder)
  const { buildMemoryBytes: memoryBytes, deadlineMs } = parts.limits
  const { result } = await parts.engine.run(
    {
      kind: 'build',
      dataset: name,
      language,
      text,
      ...partitioning,
      partitions,
      inputs,
      checks: [],
      order: order ?? null,
      stagingFolder,
      tempFolder: stagingFolder,
      limits: { memoryBytes, threads: 1, deadlineMs },
    },
    { signal },
  )
  const node = nodeOf(graph, name)
  const changed = result.outcomes.filter(({ partition, dataVersion }) => {
    const position = positionOf(node, partition)
    const pointer = position < 0 ? -1 : (node.pointers[position] as number)
    return pointer < 0 || node.state.dataVersions[pointer] !== dataVersion
  })
  const files = scratch.get(name) ?? new Map<PartitionKey, string | null>()
  scratch.set(name, files)
  for (const { partition, rows } of changed) {
    files.set(partition, rows > 0 ? (result.file?.path ?? null) : null)
  }
  return changed.map(({ partition, dataVersion }) => ({
    partition,
    dataVersion,
    codeVersion,
    observed: null,
  }))
}
