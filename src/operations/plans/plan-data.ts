import { z } from 'zod'

import type { Plan, PlanSummary } from '#model/plan.ts'

export const planSummaryData = z.object({
  datasets: z.array(
    z.object({
      dataset: z.string(),
      certain: z.int(),
      conditional: z.int(),
      first: z.string(),
      last: z.string(),
    }),
  ),
  later: z.array(z.object({ dataset: z.string(), grain: z.string(), reads: z.string() })),
  tasks: z.int(),
  estimatedMs: z.number().nullable(),
  estimatedBytes: z.number().nullable(),
})

export type PlanSummaryData = z.output<typeof planSummaryData>

export function toPlanSummaryData(summary: PlanSummary): PlanSummaryData {
  const { datasets, later, tasks, estimatedMs, estimatedBytes } = summary
  return { datasets: [...datasets], later: [...later], tasks, estimatedMs, estimatedBytes }
}

export const plannedTaskData = z.object({
  kind: z.enum(['build', 'expand']),
  dataset: z.string(),
  partition: z.string(),
  state: z.enum(['missing', 'fresh', 'stale', 'pending', 'failed', 'held']),
  certainty: z.enum(['certain', 'conditional']),
  deferred: z.boolean(),
  causes: z.array(z.object({ kind: z.string(), text: z.string() })),
})
export type PlannedTaskData = z.output<typeof plannedTaskData>

export const planData = z.object({
  /** Applies this plan for a day, as long as the world stays as it is; null once it is applied. */
  token: z.string().nullable(),
  summary: planSummaryData,
  tasks: z.array(plannedTaskData),
  tasksLeftOut: z.int(),
})

export function toPlanData(
  plan: Plan,
  tasksMax: number,
  token: string | null = null,
): z.output<typeof planData> {
  const tasks = plan.tasks.slice(0, tasksMax)
  return {
    token,
    summary: toPlanSummaryData(plan.summary),
    tasks: tasks.map(({ kind, dataset, partition, state, certainty, deferred, causes }) => ({
      kind,
      dataset,
      partition,
      state,
      certainty,
      deferred,
      causes: [...causes],
    })),
    tasksLeftOut: plan.tasks.length - tasks.length,
  }
}

/** How much of a plan an answer lists; its summary always speaks of all of it. */
export function tasksMaxField(fallback: number) {
  return z
    .int()
    .min(0)
    .max(100_000)
    .default(fallback)
    .describe('Most tasks of the plan that the answer lists.')
}
