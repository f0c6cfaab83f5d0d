import { z } from 'zod'

import { defineOperation } from '#operations/operation.ts'
import { resolveRun } from '#operations/runs/resolve-run.ts'
import { runData, runField, toRunData } from '#operations/runs/run-data.ts'

const slice = { dataset: z.string(), partition: z.string() }

export const undoRun = defineOperation({
  name: 'runs.undo',
  summary: 'Put back what was served before a run, where nothing newer has been published since',
  permission: 'run',
  rest: { method: 'POST', path: '/v1/runs/{run}/undo' },
  input: z.strictObject({ run: runField }),
  output: z.object({
    run: runData,
    commitNumber: z.int().nullable(),
    restored: z.array(z.object({ ...slice, to: z.enum(['former', 'nothing']) })),
    kept: z.array(z.object({ ...slice, byRun: z.string().nullable() })),
  }),
  async handler(input, { parts, caller }) {
    const id = await resolveRun(parts, caller.tenant, input.run)
    const undone = await parts.factory.undo(caller.tenant, id)
    return {
      run: toRunData(undone.run),
      commitNumber: undone.commitNumber,
      restored: [...undone.restored],
      kept: [...undone.kept],
    }
  },
})
