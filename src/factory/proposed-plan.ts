import { keepPlan, keptPlan, movedSince, type MovedPointer } from '#catalog/plans.ts'
import { applyPlan, type RunOrigin } from '#factory/apply-plan.ts'
import { makePlan, type MadePlan } from '#factory/make-plan.ts'
import type { FactoryParts } from '#factory/parts.ts'
import { canonicalJson } from '#kernel/hash.ts'
import { MillraceError } from '#kernel/errors.ts'
import { basisDifferences, concerns, named, planName, type PlanBasis } from '#model/plan-basis.ts'
import type { Plan, PlanRequest } from '#model/plan.ts'
import type { Run } from '#model/run.ts'
import type { Tenant } from '#model/tenant.ts'

/** A plan with the token that applies it, as long as the world stays as it is. */
export interface ProposedPlan {
  readonly plan: Plan
  readonly token: string
}

export async function proposePlan(
  parts: FactoryParts,
  tenant: Tenant,
  request: PlanRequest,
): Promise<ProposedPlan> {
  const { planned, basis } = await makePlan(parts, tenant, request)
  const token = planName(request, basis)
  await parts.catalog.asTenant(tenant, (session) =>
    keepPlan(session, { id: token, request, basis }),
  )
  return { plan: planned, token }
}

/**
 * Applies a plan that somebody was shown. Throws `plan-unknown`; `plan-differs` where it was made
 * for another request than the one given along; `plan-moved`, which names everything that its
 * outcome depends on and that is no longer what it was.
 */
export async function applyProposed(
  parts: FactoryParts,
  tenant: Tenant,
  asked: { readonly token: string; readonly request: PlanRequest | null; readonly why: RunOrigin },
): Promise<{ plan: Plan; run: Run | null }> {
  const { token, request, why } = asked
  const kept = await parts.catalog.asTenant(tenant, (session) => keptPlan(session, token))
  if (!kept) throw new MillraceError('plan-unknown', { plan: token })
  if (request && canonicalJson(request) !== canonicalJson(kept.request)) {
    throw new MillraceError('plan-differs', { plan: token })
  }
  const made = await makePlan(parts, tenant, kept.request)
  const differences = basisDifferences(kept.basis, made.basis)
  const run = await parts.catalog.asTenant(tenant, async (session) => {
    const reach = Object.keys({ ...kept.basis.codes, ...made.basis.codes })
    const pointers = await movedSince(session, kept.basis.commitNumber, reach)
    const moved = movedWords(made, kept.basis, differences, pointers)
    if (moved.length > 0) throw new MillraceError('plan-moved', { plan: token, moved })
    return made.planned.tasks.length === 0 ? null : applyPlan(parts, session, made.planned, why)
  })
  return { plan: made.planned, run }
}

function movedWords(
  { planned, graph, basis }: MadePlan,
  before: PlanBasis,
  differences: readonly string[],
  pointers: readonly MovedPointer[],
): string[] {
  const isConcerned = pointers.length > 0 ? concerns(graph, planned) : () => false
  const isOther = basis.tasks !== before.tasks
  // Where the plan came out otherwise, whatever was published may be why.
  const moved = pointers.filter(
    ({ dataset, partition }) => isOther || isConcerned(dataset, partition),
  )
  const groups = Map.groupBy(moved, (one) => `${one.dataset} ${one.runId} ${one.isUndone}`)
  const words = [...groups.values()].flatMap((group) => {
    const [first] = group
    if (!first) return []
    const partitions = named(group.map(({ partition }) => partition))
    const how = first.isUndone ? 'put back by the undo of' : 'published by'
    return [`${first.dataset} ${partitions} was ${how} run ${first.runId}`]
  })
  const found = [...differences, ...words]
  if (found.length === 0 && isOther) {
    return ['the states of its partitions changed, so that other ones would run']
  }
  return found
}
