import { cancelRun, getRun } from '#catalog/runs.ts'
import { undoRun } from '#catalog/undo.ts'
import { applyPlan } from '#factory/apply-plan.ts'
import type { Factory } from '#factory/factory.ts'
import { makePlan } from '#factory/make-plan.ts'
import type { FactoryParts } from '#factory/parts.ts'
import { applyProposed, proposePlan } from '#factory/proposed-plan.ts'
import { readStatus } from '#factory/read-status.ts'
import { viewRun, waitForView } from '#factory/view.ts'
import type { Run } from '#model/run.ts'

export function createFactory(parts: FactoryParts, onCancel: () => Promise<void>): Factory {
  return {
    datasets: parts.datasets,

    async plan(tenant, request) {
      return (await makePlan(parts, tenant, request)).planned
    },

    propose: (tenant, request) => proposePlan(parts, tenant, request),

    async start(tenant, request, why) {
      const { planned } = await makePlan(parts, tenant, request)
      if (planned.tasks.length === 0) return { plan: planned, run: null }
      const run = await parts.catalog.asTenant(tenant, (session) =>
        applyPlan(parts, session, planned, why),
      )
      return { plan: planned, run }
    },

    apply: (tenant, token, request, why) => applyProposed(parts, tenant, { token, request, why }),

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

    status: (tenant, datasets) => readStatus(parts, tenant, datasets),
  }
}
