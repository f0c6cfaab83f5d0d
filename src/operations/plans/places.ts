import { z } from 'zod'

import type { MatrixSnapshot } from '#factory/matrix/snapshot.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { PlanTarget } from '#model/plan.ts'
import { selectorsOf } from '#model/region.ts'
import { positionsSelected } from '#model/select.ts'

export const placesField = z
  .array(z.string().min(1).max(20_000).meta({ names: 'place' }))
  .max(1000)
  .describe(
    'Partitions of several datasets, ragged as they may be: each a dataset, `@`, and partitions as in `partition` (`events@2021-01..2021-03,2021-07`); without `@` all of it. Only those count that there are.',
  )

/** Positions of the partitions that places name, by dataset in the order of the datasets, ascending. */
export type Places = ReadonlyMap<string, readonly number[]>

/** Throws `dataset-unknown`, `place-unknown` where one names no partition, and what reading one throws. */
export function readPlaces(snapshot: MatrixSnapshot, places: readonly string[]): Places {
  const chosen = new Map<string, Set<number>>()
  for (const place of places) {
    const at = place.indexOf('@')
    const dataset = at < 0 ? place : place.slice(0, at)
    const node = snapshot.datasets.get(dataset)?.node
    if (!node) {
      throw new MillraceError('dataset-unknown', { dataset, known: [...snapshot.datasets.keys()] })
    }
    const text = at < 0 ? null : place.slice(at + 1)
    const positions =
      text === null
        ? node.domain.keys()
        : positionsSelected(node, selectorsOf(text, [node.definition]))
    const own = chosen.get(dataset) ?? new Set<number>()
    const before = own.size
    for (const position of positions) own.add(position)
    if (own.size === 0 && before === 0) {
      throw new MillraceError('place-unknown', { place })
    }
    chosen.set(dataset, own)
  }
  return new Map(
    [...snapshot.datasets.keys()].flatMap((dataset) => {
      const own = chosen.get(dataset)
      return own ? [[dataset, [...own].toSorted((a, b) => a - b)] as const] : []
    }),
  )
}

export function targetsOf(snapshot: MatrixSnapshot, places: Places): PlanTarget[] {
  return [...places].map(([dataset, positions]) => {
    const domain = snapshot.datasets.get(dataset)?.node.domain ?? []
    return { dataset, partitions: positions.map((position) => domain[position] as PartitionKey) }
  })
}
