import { z } from 'zod'

import {
  planTenant,
  planTotalsData,
  tenantPlanData,
  totalsOf,
  type TenantPlanData,
} from '#operations/backfills/tenant-plan.ts'
import { tenantFields, tenantsAsked } from '#operations/backfills/tenants-asked.ts'
import { defineOperation } from '#operations/operation.ts'
import { definitionOf, keysOf } from '#operations/partition-input.ts'
import { regionFields } from '#operations/plans/plan-request.ts'
import { requestOf } from '#triggers/region-request.ts'

/** At the same time: each holds the state of one tenant's partitions in memory. */
const AT_ONCE = 4
/** A call answers in time for proxies; its caller asks on from there. */
const BUDGET_MS = 20_000

export const planBackfillOperation = defineOperation({
  name: 'backfills.plan',
  summary: 'What a backfill would run for each tenant, page by page; nothing is started',
  permission: 'read',
  rest: { method: 'POST', path: '/v1/backfills/plan' },
  input: z.strictObject({
    ...regionFields,
    ...tenantFields,
    after: z.string().max(60).optional().describe('Name of a tenant: only those after it.'),
    limit: z
      .int()
      .min(1)
      .max(1000)
      .default(100)
      .describe('Most tenants of the answer; where planning takes long, it holds fewer.'),
  }),
  output: z.object({
    tenants: z.array(tenantPlanData),
    /** Over the tenants of this answer. */
    totals: planTotalsData,
    /** Tenants that were asked for, over all answers. */
    asked: z.int(),
    /** What `after` is for the next answer; null: this was the last one. */
    next: z.string().nullable(),
  }),
  async handler(input, { parts, caller, signal }) {
    const { datasets, partition, after, limit } = input
    const definitions = datasets.map((dataset) => definitionOf(parts, dataset))
    keysOf(partition, definitions.length > 0 ? definitions : parts.factory.datasets)
    const all = await tenantsAsked(parts, caller, input, 'backfills.plan')
    const sorted = all.toSorted((a, b) => (a.slug < b.slug ? -1 : 1))
    const waiting = sorted.filter(({ slug }) => after === undefined || slug > after)
    const region = { ...input, partition: partition ?? null }
    const request = requestOf(region, parts.factory.datasets)
    const startedMs = parts.clock.monotonicMs()
    const plans: TenantPlanData[] = []
    const most = Math.min(limit, waiting.length)
    while (plans.length < most) {
      const isLate = parts.clock.monotonicMs() - startedMs > BUDGET_MS
      if (plans.length > 0 && (isLate || signal.aborted)) break
      const chunk = waiting.slice(plans.length, Math.min(plans.length + AT_ONCE, most))
      plans.push(...(await Promise.all(chunk.map((one) => planTenant(parts, one, request)))))
    }
    const next = plans.length < waiting.length ? (plans.at(-1)?.tenant ?? null) : null
    return { tenants: plans, totals: totalsOf(plans), asked: all.length, next }
  },
})
