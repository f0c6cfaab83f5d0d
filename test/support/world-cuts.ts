import { shardOf } from '#engine/row-hash/shard.ts'
import type {
  AnalysisDefinition,
  DatasetDefinition,
  Input,
  Partitioning,
} from '#model/definition.ts'
import { shardNumber, splitKey } from '#model/partition-key-parts.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import { sharesShards } from '#model/slices-series.ts'

export function isUncut({ partitioning }: DatasetDefinition): boolean {
  return partitioning.grain === 'none' && !partitioning.key
}

/** Rows of an input that a shard gets, where the input is not cut alike: by the row's last letter. */
export function isOfShard(
  { partitioning }: AnalysisDefinition,
  theirs: Partitioning,
  input: Input,
  key: PartitionKey,
): (row: string) => boolean {
  const { shards } = partitioning
  if (!shards || input.whole || sharesShards(partitioning, theirs, input)) return () => true
  const own = shardNumber(splitKey(key, partitioning).shard)
  return (row) => shardOf(row.slice(-1), shards.count) === own
}
