import { z } from 'zod'

import { MillraceError } from '#kernel/errors.ts'
import type { DatasetDefinition } from '#model/definition.ts'
import type { Selector } from '#model/partition-key-selection.ts'
import { selectorsOf } from '#model/region.ts'
import type { Parts } from '#operations/parts.ts'

export const datasetField = z
  .string()
  .min(1)
  .max(200)
  .meta({ names: 'dataset' })
  .describe('Name of the dataset.')

export const partitionField = z
  .string()
  .min(1)
  .max(2000)
  .meta({ names: 'partition' })
  .describe(
    'Partition key, a range FROM..TO of periods, or several of them separated by commas. A coarser period stands for all of its periods: `2021` as months. A key and a shard follow after colons: `2021-04:exam-17:#03/16`; parts that are left out mean all of them.',
  )

export function definitionOf(parts: Pick<Parts, 'factory'>, dataset: string): DatasetDefinition {
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
  return text === undefined ? null : selectorsOf(text, definitions)
}
