import type { DatasetDefinition, SourceDefinition } from '#model/definition.ts'
import { cutText, joinKey, keyText } from '#model/partition-key-parts.ts'
import { partsOfSelector } from '#model/partition-key-selection.ts'
import { coarsen, isKeyOf, parseRange, WHOLE, type PartitionKey } from '#model/partition-key.ts'
import type { PlanRequest } from '#model/plan.ts'

/**
 * Partitions of a source that hold the request's time, whether anybody has seen them or not; null
 * where only a look at all of its objects tells which there are, for its keys are not known before.
 */
export function calendarKeys(
  datasets: readonly DatasetDefinition[],
  source: SourceDefinition,
  request: PlanRequest,
): PartitionKey[] | null {
  const { grain, key } = source.partitioning
  if (!request.partitions || source.reference || (grain === 'none' && !key)) return []
  const asked = datasets.filter(
    ({ name }) => request.datasets.length === 0 || request.datasets.includes(name),
  )
  const cuts = new Map(asked.map(({ partitioning }) => [cutText(partitioning), partitioning]))
  const keys: PartitionKey[] = []
  for (const cut of cuts.values()) {
    for (const selector of request.partitions) {
      const parts = partsOfSelector(selector, cut)
      if (!parts) continue
      const own = key?.name === cut.key?.name ? parts.key : null
      const values = !key ? [''] : own === null ? (key.values?.map(keyText) ?? null) : [own]
      const periods = periodsOf(parts.period, grain)
      if (!values || (!periods && (key || parts.period === null))) return null
      for (const period of periods ?? []) {
        for (const value of values) keys.push(joinKey(period, value, ''))
      }
    }
  }
  return keys
}

/** Null: all of them. */
function periodsOf(
  period: PartitionKey | null,
  grain: SourceDefinition['partitioning']['grain'],
): PartitionKey[] | null {
  if (grain === 'none') return [WHOLE]
  if (period === null || period === WHOLE) return null
  const coarse = coarsen(period, grain)
  return isKeyOf(coarse, grain) ? [coarse] : parseRange(period, grain)
}
