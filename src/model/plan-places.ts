import type { Selector } from '#model/partition-key-selection.ts'
import type { PlanRequest } from '#model/plan.ts'

/** Partitions of one dataset that a request asks for. */
export interface PlanPlace {
  readonly dataset: string
  /** Null: all that are expected. */
  readonly partitions: readonly Selector[] | null
}

/** What a request asks for, dataset by dataset; `all` names every dataset there is. */
export function placesOf(request: PlanRequest, all: Iterable<string>): PlanPlace[] {
  return [...(request.targets ?? []), ...regionOf(request, all)]
}

/** The part of it that `only` filters: `datasets` × `partitions`. */
export function regionOf(request: PlanRequest, all: Iterable<string>): PlanPlace[] {
  const { targets, only, partitions } = request
  if (targets && !only) return []
  const names = request.datasets.length > 0 ? request.datasets : [...all]
  return names.map((dataset) => ({ dataset, partitions }))
}

export function followsDownstream({ mode, downstream }: PlanRequest): boolean {
  return downstream ?? mode === 'run'
}
