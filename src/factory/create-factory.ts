import { cancelRun, getRun } from '#catalog/runs.ts'
import { undoRun } from '#catalog/undo.ts'
import { applyPlan } from '#factory/apply-plan.ts'
import type { Factory } from '#factory/factory.ts'
import { makePlan } from '#factory/make-plan.ts'
import { createMatrixSnapshots } from '#factory/matrix/snapshots.ts'
import type { FactoryParts } from '#factory/parts.ts'
import { previewMends } from '#factory/preview/mends-preview.ts'
import { applyProposed, proposePlan } from '#factory/proposed-plan.ts'
import { readStatus } from '#factory/read-status.ts'
import { partsWithPacks, type TenantPacks } from '#factory/tenant-packs.ts'
import { viewRun, waitForView } from '#factory/view.ts'
import type { Run } from '#model/run.ts'
import type { Tenant } from '#model/tenant.ts'

const everyPack: TenantPacks = { of: async () => null }

/** `packs`: what each tenant sees of the datasets; default: all of them. */
export function createFactory(
  parts: FactoryParts,
  onCancel: () => Promise<void>,
  packs: TenantPacks = everyPack,
): Factory {
  const seenBy = async (tenant: Tenant) => partsWithPacks(parts, await packs.of(tenant))
  const snapshots = createMatrixSnapshots()
  const factory: Factory = {
    datasets: parts.datasets,

    packsOf: (tenant) => packs.of(tenant),

    async forTenant(tenant) {
      const { datasets } = await seenBy(tenant)
      return datasets === parts.datasets ? factory : { ...factory, datasets }
    },

    async plan(tenant, request) {
      return (await makePlan(await seenBy(tenant), tenant, request)).planned
    },

    propose: async (tenant, request) => proposePlan(await seenBy(tenant), tenant, request),

    async start(tenant, request, why) {
      const own = await seenBy(tenant)
      const { planned } = await makePlan(own, tenant, request)
      if (planned.tasks.length === 0) return { plan: planned, run: null }
      const run = await own.catalog.asTenant(tenant, (session) =>
        applyPlan(own, session, planned, why),
      )
      return { plan: planned, run }
    },

    apply: async (tenant, token, request, why) =>
      applyProposed(await seenBy(tenant), tenant, { token, request, why }),

    view: (tenant, runId, wait) =>
      wait ? waitForView(parts, tenant, runId, wait) : viewRun(parts, tenant, runId),

    async cancel(tenant, runId) {
      const run = await parts.catalog.asTenant(tenant, (session) => cancelRun(session, runId))
      await onCancel()
      return run
    },

    undo: (tenant, runId) =>
      parts.catalog.asTenant(tenant, async (session) => {
        const undone = await undoRun(session, runId)
        return { run: (await getRun(session, runId)) as Run, ...undone }
      }),

    previewMends: async (tenant, asked, signal) =>
      previewMends(await seenBy(tenant), tenant, asked, signal),

    matrix: async (tenant, how) => snapshots.of(await seenBy(tenant), tenant, how?.exact ?? false),

    trySource: (tenant, source, change, folder, signal) =>
      parts.sources.tryOut(tenant, source, change, folder, signal),

    status: async (tenant, datasets) => readStatus(await seenBy(tenant), tenant, datasets),
  }
  return factory
}
