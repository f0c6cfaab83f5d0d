import { isLimited, maySee } from '#model/access.ts'
import type { DatasetDefinition } from '#model/definition.ts'
import { maySeePartition, rowFilters, seenRows } from '#model/seen-rows.ts'
import type { DatasetStatus, Factory } from '#factory/factory.ts'
import type { Caller } from '#operations/operation.ts'
import type { Parts } from '#operations/parts.ts'

type Seeing = Pick<Caller, 'access'>

/** The parts with those datasets only that the caller sees: others answer as if they did not exist. */
export function visibleParts(parts: Parts, { access }: Seeing): Parts {
  if (!isLimited(access)) return parts
  const datasets = parts.factory.datasets.filter(({ name }) => maySee(access, name))
  const factory = Object.create(parts.factory, { datasets: { value: datasets } }) as Factory
  return { ...parts, factory }
}

/**
 * A status as the caller sees it. Causes name inputs and quote values, acceptances name people, and
 * counts are those of all rows: whoever sees a part only gets the state itself.
 */
export function visibleStatus(
  status: DatasetStatus,
  definition: DatasetDefinition,
  { access }: Seeing,
): DatasetStatus {
  if (!isLimited(access)) return status
  const seen = seenRows(access, status.dataset)
  const isCounted = seen === null || rowFilters(definition, seen, []).length === 0
  const partitions = status.partitions.filter(
    ({ partition }) => seen === null || maySeePartition(definition, seen, partition),
  )
  return {
    ...status,
    accepted: [],
    partitions: partitions.map((partition) => ({
      ...partition,
      causes: [],
      rows: isCounted ? partition.rows : null,
    })),
  }
}
