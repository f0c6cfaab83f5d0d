import { z } from 'zod'

import { toErrorData } from '#kernel/errors.ts'
import type { DatasetDefinition } from '#model/definition.ts'
import { periodOf } from '#model/partition-key-parts.ts'
import type { PlanRequest, PlanSummary } from '#model/plan.ts'
import type { Tenant } from '#model/tenant.ts'
import type { Parts } from '#operations/parts.ts'

export const tenantPlanData = z.object({
  tenant: z.string(),
  /** nothing: all is fresh there, or it has no location for the source (the error says so). */
  state: z.enum(['planned', 'nothing', 'failed']),
  /** Partitions that will be computed, and those that are only if their inputs turn out changed. */
  certain: z.int(),
  conditional: z.int(),
  /** Datasets whose partitions are known when the sources have been read. */
  later: z.int(),
  /** Oldest and newest period, in the grain of the first dataset that is cut by time. */
  first: z.string().nullable(),
  last: z.string().nullable(),
  /** From what its past attempts cost; null where there are none. */
  estimatedMs: z.number().nullable(),
  estimatedBytes: z.number().nullable(),
  error: z.object({ code: z.string(), message: z.string(), remedy: z.string() }).nullable(),
})
export type TenantPlanData = z.output<typeof tenantPlanData>

export const planTotalsData = z.object({
  tenants: z.int(),
  planned: z.int(),
  nothing: z.int(),
  failed: z.int(),
  certain: z.int(),
  conditional: z.int(),
  estimatedMs: z.number().nullable(),
  estimatedBytes: z.number().nullable(),
  /** Tenants with a plan whose duration nothing tells of yet: they are not in the estimates. */
  withoutEstimate: z.int(),
})
export type PlanTotalsData = z.output<typeof planTotalsData>

const nothing = {
  certain: 0,
  conditional: 0,
  later: 0,
  first: null,
  last: null,
  estimatedMs: null,
  estimatedBytes: null,
}

/** What would run for one tenant; what keeps it from being planned is part of the answer. */
export async function planTenant(
  parts: Parts,
  tenant: Tenant,
  request: PlanRequest,
): Promise<TenantPlanData> {
  const { slug } = tenant
  try {
    const { summary } = await parts.factory.plan(tenant, request)
    if (summary.tasks === 0) return { tenant: slug, state: 'nothing', ...nothing, error: null }
    const { datasets, later, estimatedMs, estimatedBytes } = summary
    return {
      tenant: slug,
      state: 'planned',
      certain: sum(datasets.map(({ certain }) => certain)),
      conditional: sum(datasets.map(({ conditional }) => conditional)),
      later: later.length,
      ...spanOf(datasets, parts.factory.datasets),
      estimatedMs,
      estimatedBytes,
      error: null,
    }
  } catch (thrown) {
    const { code, message, remedy } = toErrorData(thrown)
    // As a backfill takes it: a tenant that the source does not concern has nothing to fill.
    const state = code === 'source-unconfigured' ? 'nothing' : 'failed'
    return { tenant: slug, state, ...nothing, error: { code, message, remedy } }
  }
}

export function totalsOf(plans: readonly TenantPlanData[]): PlanTotalsData {
  const inState = (state: TenantPlanData['state']) => plans.filter((one) => one.state === state)
  const known = (values: readonly (number | null)[]) => {
    const numbers = values.filter((value) => value !== null)
    return numbers.length === 0 ? null : sum(numbers)
  }
  const planned = inState('planned')
  return {
    tenants: plans.length,
    planned: planned.length,
    nothing: inState('nothing').length,
    failed: inState('failed').length,
    certain: sum(plans.map(({ certain }) => certain)),
    conditional: sum(plans.map(({ conditional }) => conditional)),
    estimatedMs: known(plans.map(({ estimatedMs }) => estimatedMs)),
    estimatedBytes: known(plans.map(({ estimatedBytes }) => estimatedBytes)),
    withoutEstimate: planned.filter(({ estimatedMs }) => estimatedMs === null).length,
  }
}

/** Keys of one grain sort as their periods do. */
function spanOf(
  planned: PlanSummary['datasets'],
  definitions: readonly DatasetDefinition[],
): { first: string | null; last: string | null } {
  const cuts = new Map(definitions.map(({ name, partitioning }) => [name, partitioning]))
  const timed = planned.flatMap(({ dataset, first, last }) => {
    const cut = cuts.get(dataset)
    return cut && cut.grain !== 'none' ? [{ cut, keys: [first, last] }] : []
  })
  const grain = timed[0]?.cut.grain
  const periods = timed
    .filter(({ cut }) => cut.grain === grain)
    .flatMap(({ cut, keys }) => keys.map((key) => periodOf(key, cut)))
    .toSorted()
  return { first: periods[0] ?? null, last: periods.at(-1) ?? null }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
