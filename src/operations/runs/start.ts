import { z } from 'zod'

import { defineOperation } from '#operations/operation.ts'
import { planData, tasksMaxField, toPlanData } from '#operations/plans/plan-data.ts'
import { planFields, toPlanRequest } from '#operations/plans/plan-request.ts'
import { runData, toRunData } from '#operations/runs/run-data.ts'

export const startRun = defineOperation({
  name: 'runs.start',
  summary: 'Plan and run what is asked for; the run is null when there is nothing to do',
  permission: 'run',
  rest: { method: 'POST', path: '/v1/runs' },
  input: z.strictObject({
    ...planFields,
    tasksMax: tasksMaxField(0),
    title: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe('What the run is called in lists; default: the request in words.'),
  }),
  output: z.object({ run: runData.nullable(), plan: planData }),
  async handler(input, { parts, caller }) {
    const { plan, run } = await parts.factory.start(caller.tenant, toPlanRequest(parts, input), {
      cause: 'manual',
      title: input.title ?? titleOf(input),
    })
    return {
      run: run && toRunData(run),
      plan: toPlanData(plan, input.tasksMax),
    }
  },
})

function titleOf(input: { datasets: string[]; partition?: string | undefined; mode: string }) {
  const datasets = input.datasets.length > 0 ? input.datasets.join(' ') : 'everything'
  const partition = input.partition === undefined ? '' : ` --partition ${input.partition}`
  return `${input.mode} ${datasets}${partition}`.slice(0, 200)
}
