import { z } from 'zod'

import { MillraceError, toMillraceError } from '#kernel/errors.ts'
import type { DatasetDefinition } from '#model/definition.ts'
import { cutText } from '#model/partition-key-parts.ts'
import { parseSelection, type Selector } from '#model/partition-key-selection.ts'
import type { Parts } from '#operations/parts.ts'

export const datasetField = z.string().min(1).max(200).describe('Name of the dataset.')

export const partitionField = z
  .string()
  .min(1)
  .max(2000)
  .describe(
    'Partition key, a range FROM..TO of periods, or several of them separated by commas. A coarser period stands for all of its periods: `2021` as months. A key and a shard follow after colons: `2021-04:exam-17:#03/16`; parts that are left out mean all of them.',
  )

export function definitionOf(parts: Parts, dataset: string): DatasetDefinition {
  const definition = parts.factory.datasets.find((candidate) => candidate.name === dataset)
  if (definition) return definition
  const known = parts.factory.datasets.map(({ name }) => name)
  throw new MillraceError('dataset-unknown', { dataset, known })
}

/** The selectors that a text names, in order and once each; null (all) when there is no text. */
export function keysOf(
  text: string | undefined,
  definitions: readonly DatasetDefinition[],
): Selector[] | null {
  if (text === undefined) return null
  const keys = new Set<Selector>()
  let refused: MillraceError | null = null
  const cuts = new Map(definitions.map(({ partitioning }) => [cutText(partitioning), partitioning]))
  for (const cut of cuts.values()) {
    try {
      for (const item of text.split(',')) {
        for (const selector of parseSelection(item.trim(), cut)) keys.add(selector)
      }
    } catch (error) {
      refused ??= toMillraceError(error)
    }
  }
  // A month is no name of a year's or of an uncut partition; it has to be one of some dataset.
  if (keys.size === 0 && refused !== null) throw refused
  return [...keys].toSorted()
}
