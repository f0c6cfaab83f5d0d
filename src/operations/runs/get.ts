import { z } from 'zod'

import { defineOperation } from '#operations/operation.ts'
import { resolveRun } from '#operations/runs/resolve-run.ts'
import { runField } from '#operations/runs/run-data.ts'
import { runViewData, toRunViewData } from '#operations/runs/run-view-data.ts'

export const getRun = defineOperation({
  name: 'runs.get',
  summary: 'A run with its progress; waits for the next change where asked to',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/runs/{run}' },
  input: z.strictObject({
    run: runField,
    after: z
      .string()
      .max(200)
      .optional()
      .describe('The `revision` of an earlier answer: wait until the run differs from it.'),
    waitMs: z
      .int()
      .min(0)
      .max(25_000)
      .default(10_000)
      .describe('Longest wait for a difference from `after`, in milliseconds.'),
  }),
  output: runViewData,
  async handler(input, { parts, caller, signal }) {
    const id = await resolveRun(parts, caller.tenant, input.run)
    const { after, waitMs } = input
    const wait = after === undefined ? undefined : { after, waitMs, signal }
    return toRunViewData(await parts.factory.view(caller.tenant, id, wait))
  },
})
