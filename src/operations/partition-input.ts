import { z } from 'zod'

import { MillraceError, toMillraceError } from '#kernel/errors.ts'
import type { DatasetDefinition } from '#model/definition.ts'
import { parseRange, type PartitionKey } from '#model/partition-key.ts'
import type { Parts } from '#operations/parts.ts'

export const datasetField = z.string().min(1).max(200).describe('Name of the dataset.')

export const partitionField = z
  .string()
  .min(1)
  .max(2000)
  .describe(
    'Partition key, a range FROM..TO of keys, or several of them separated by commas. A coarser key stands for all of its periods: `2021` as months.',
  )

export function definitionOf(parts: Parts, dataset: string): DatasetDefinition {
  const definition = parts.factory.datasets.find((candidate) => candidate.name === dataset)
  if (definition) return definition
  const known = parts.factory.datasets.map(({ name }) => name)
  throw new MillraceError('dataset-unknown', { dataset, known })
}

/** The keys that a text names, in order and once each; null (all) when there is no text. */
export function keysOf(
  text: string | undefined,
  definitions: readonly DatasetDefinition[],
): PartitionKey[] | null {
  if (text === undefined) return null
  const keys = new Set<PartitionKey>()
  let refused: MillraceError | null = null
  for (const grain of new Set(definitions.map(({ partitioning }) => partitioning.grain))) {
    try {
      for (const range of text.split(',')) {
        for (const key of parseRange(range.trim(), grain)) keys.add(key)
      }
    } catch (error) {
      refused ??= toMillraceError(error)
    }
  }
  // A month is no name of a year's or of an uncut partition; it has to be one of some dataset.
  if (keys.size === 0 && refused !== null) throw refused
  return [...keys].toSorted()
}
