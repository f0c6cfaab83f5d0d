import { z } from 'zod'

import { defineOperation } from '#operations/operation.ts'
import { planData, tasksMaxField, toPlanData } from '#operations/plans/plan-data.ts'
import { isBlank, planFields, toPlanRequest } from '#operations/plans/plan-request.ts'
import { runData, toRunData } from '#operations/runs/run-data.ts'

export const startRun = defineOperation({
  name: 'runs.start',
  summary: 'Plan and run what is asked for; the run is null when there is nothing to do',
  permission: 'run',
  audit: ['datasets', 'partition', 'places', 'mode'],
  rest: { method: 'POST', path: '/v1/runs' },
  input: z.strictObject({
    ...planFields,
    basis: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .describe(
        'Token of a plan that was shown: run exactly that one, or refuse if the world has moved.',
      ),
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
    const { basis, title, tasksMax } = input
    const { tenant } = caller
    const isWhole = basis !== undefined && isBlank(input)
    const request = isWhole ? null : await toPlanRequest(parts, tenant, input)
    const why = { cause: 'manual', title: title ?? titleOf(input) }
    const { plan, run } =
      basis === undefined && request
        ? await parts.factory.start(tenant, request, why)
        : await parts.factory.apply(tenant, basis ?? '', request, why)
    return { run: run && toRunData(run), plan: toPlanData(plan, tasksMax) }
  },
})

interface Titled {
  readonly datasets: readonly string[]
  readonly partition?: string | undefined
  readonly mode: string
  readonly basis?: string | undefined
  readonly fromTask?: number | undefined
  readonly failedOf?: string | undefined
  readonly places?: readonly string[] | undefined
}

function titleOf({ datasets, partition, mode, basis, fromTask, failedOf, places }: Titled): string {
  if (basis !== undefined) return `run --plan ${basis}`
  if (fromTask !== undefined) return `rerun --from ${fromTask}`
  if (failedOf !== undefined) return `rerun --failed-of ${failedOf}`
  if (places !== undefined) return `${mode} ${places.join(' ')}`.slice(0, 200)
  const what = datasets.length > 0 ? datasets.join(' ') : 'everything'
  const which = partition === undefined ? '' : ` --partition ${partition}`
  return `${mode} ${what}${which}`.slice(0, 200)
}
