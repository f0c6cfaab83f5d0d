import { z } from 'zod'

import { listRuns } from '#catalog/runs.ts'
import { defineOperation } from '#operations/operation.ts'
import { runData, toRunData } from '#operations/runs/run-data.ts'

export const listRunsOperation = defineOperation({
  name: 'runs.list',
  summary: 'Runs, newest first',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/runs' },
  input: z.strictObject({
    limit: z.int().min(1).max(1000).default(20).describe('Most runs of the answer.'),
    before: z
      .string()
      .max(100)
      .optional()
      .meta({ names: 'run' })
      .describe('Full id of a run: only older ones.'),
    state: z
      .enum(['running', 'done', 'failed', 'cancelled'])
      .optional()
      .describe('Only runs in this state.'),
  }),
  output: z.object({ runs: z.array(runData) }),
  async handler({ limit, before, state }, { parts, caller }) {
    const options = {
      limit,
      ...(before === undefined ? {} : { before }),
      ...(state === undefined ? {} : { state }),
    }
    const runs = await parts.catalog.asTenant(caller.tenant, (session) =>
      listRuns(session, options),
    )
    return { runs: runs.map(toRunData) }
  },
})
