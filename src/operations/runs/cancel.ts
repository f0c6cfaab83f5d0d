import { z } from 'zod'

import { defineOperation } from '#operations/operation.ts'
import { resolveRun } from '#operations/runs/resolve-run.ts'
import { runData, runField, toRunData } from '#operations/runs/run-data.ts'

export const cancelRun = defineOperation({
  name: 'runs.cancel',
  summary: 'End a run early; what it has published stays, the next run continues',
  permission: 'run',
  rest: { method: 'POST', path: '/v1/runs/{run}/cancel' },
  input: z.strictObject({ run: runField }),
  output: runData,
  async handler(input, { parts, caller }) {
    const id = await resolveRun(parts, caller.tenant, input.run)
    return toRunData(await parts.factory.cancel(caller.tenant, id))
  },
})
