import { sha256 } from '#kernel/hash.ts'
import type {
  AnalysisDefinition,
  Input,
  Partitioning,
  SourceDefinition,
} from '#model/definition.ts'
import { nodeOf, type Graph } from '#model/graph.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import { seriesName, sharedBy } from '#model/slices-series.ts'
import { forEachPosition } from '#model/slices.ts'

/**
 * Identity of what a partition would be computed from: its code and the data versions of exactly
 * the input partitions (or observed values) that it reads. Equal fingerprints mean equal rows, so
 * nothing has to run. The text that is hashed is part of the contract: changing it makes every
 * partition of every deployment stale.
 */
export type Fingerprint = string

/** A source partition: what reads it, which object (by address and tag) it was read from, and what was mended. */
export function sourceFingerprint(
  definition: SourceDefinition,
  object: { readonly location: string; readonly etag: string; readonly mends?: string | null },
): Fingerprint {
  const { location, etag, mends } = object
  return sha256(`${definition.codeVersion}\n${location}\n${etag}\n${mends ? `${mends}\n` : ''}`)
}

/** Digests of whole inputs (or series of them), which all partitions that read `all` share; made once for a plan. */
export type DigestCache = Map<string, string>

export function analysisFingerprint(
  graph: Graph,
  definition: AnalysisDefinition,
  key: PartitionKey,
  cache: DigestCache,
): Fingerprint {
  let text = `${definition.codeVersion}\n`
  for (const input of definition.inputs) {
    text += `${input.dataset} ${input.mapping.kind}\n`
    text += digestOf(graph, definition.partitioning, input, key, cache)
  }
  return sha256(text)
}

function digestOf(
  graph: Graph,
  reader: Partitioning,
  input: Input,
  key: PartitionKey,
  cache: DigestCache,
): string {
  if (input.mapping.kind !== 'all') return listOf(graph, reader, input, key)
  const theirs = nodeOf(graph, input.dataset).definition.partitioning
  const name = `${input.dataset} ${seriesName(key, reader, sharedBy(reader, theirs, input))}`
  const known = cache.get(name)
  if (known !== undefined) return known
  const digest = `${sha256(listOf(graph, reader, input, key))}\n`
  cache.set(name, digest)
  return digest
}

function listOf(graph: Graph, reader: Partitioning, input: Input, key: PartitionKey): string {
  const upstream = nodeOf(graph, input.dataset)
  const { domain, observations, pointers, state } = upstream
  let list = ''
  forEachPosition(upstream, reader, input, key, (position, index) => {
    if (index < 0 || !observations) {
      const version = state.dataVersions[pointers[position] as number] ?? null
      if (version !== null) list += `${domain[position]} ${version}\n`
    } else if ((observations.rows[index] as number) > 0) {
      const value = observations.values[index]
      list += `${domain[position]}/${value} ${observations.dataVersions[index]}\n`
    }
  })
  return list
}
