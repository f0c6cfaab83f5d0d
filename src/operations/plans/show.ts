import { z } from 'zod'

import { defineOperation } from '#operations/operation.ts'
import { plannedTaskData, planSummaryData, toPlanSummaryData } from '#operations/plans/plan-data.ts'
import { planFields, toPlanRequest } from '#operations/plans/plan-request.ts'

export const showPlan = defineOperation({
  name: 'plans.show',
  summary: 'What would run, and why; changes nothing',
  permission: 'read',
  rest: { method: 'POST', path: '/v1/plans' },
  input: z.strictObject({
    ...planFields,
    tasksMax: z
      .int()
      .min(0)
      .max(100_000)
      .default(10_000)
      .describe('Most tasks that the answer lists.'),
  }),
  output: z.object({
    summary: planSummaryData,
    tasks: z.array(plannedTaskData),
    tasksLeftOut: z.int(),
  }),
  async handler(input, { parts, caller }) {
    const plan = await parts.factory.plan(caller.tenant, toPlanRequest(parts, input))
    const tasks = plan.tasks.slice(0, input.tasksMax)
    return {
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
  },
})
