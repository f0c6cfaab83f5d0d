import { z } from 'zod'

import { defineOperation } from '#operations/operation.ts'
import { planData, tasksMaxField, toPlanData } from '#operations/plans/plan-data.ts'
import { planFields, toPlanRequest } from '#operations/plans/plan-request.ts'

export const showPlan = defineOperation({
  name: 'plans.show',
  summary: 'What would run, and why; its token applies exactly this plan',
  permission: 'read',
  rest: { method: 'POST', path: '/v1/plans' },
  input: z.strictObject({ ...planFields, tasksMax: tasksMaxField(10_000) }),
  output: planData,
  async handler(input, { parts, caller }) {
    const request = await toPlanRequest(parts, caller.tenant, input)
    const { plan, token } = await parts.factory.propose(caller.tenant, request)
    return toPlanData(plan, input.tasksMax, token)
  },
})
