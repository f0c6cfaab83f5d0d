import { z } from 'zod'

import { getRun } from '#catalog/runs.ts'
import { listTasks } from '#catalog/tasks.ts'
import { MillraceError } from '#kernel/errors.ts'
import { defineOperation } from '#operations/operation.ts'
import { datasetField } from '#operations/partition-input.ts'
import { resolveRun } from '#operations/runs/resolve-run.ts'
import { runField } from '#operations/runs/run-data.ts'
import { taskData, taskStates, toTaskData } from '#operations/tasks/task-data.ts'

export const tasksOfRun = defineOperation({
  name: 'runs.tasks',
  summary: 'Tasks of a run in the order of its plan',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/runs/{run}/tasks' },
  input: z.strictObject({
    run: runField,
    dataset: datasetField.optional(),
    states: z.array(z.enum(taskStates)).optional().describe('Only tasks in these states.'),
    limit: z.int().min(1).max(10_000).default(1000).describe('Most tasks of the answer.'),
  }),
  output: z.object({ run: z.string(), tasks: z.array(taskData) }),
  async handler({ run, dataset, states, limit }, { parts, caller }) {
    const runId = await resolveRun(parts, caller.tenant, run)
    const filter = {
      runId,
      limit,
      ...(dataset === undefined ? {} : { dataset }),
      ...(states === undefined ? {} : { states }),
    }
    const tasks = await parts.catalog.asTenant(caller.tenant, async (session) => {
      if (!(await getRun(session, runId))) throw new MillraceError('run-unknown', { run })
      return listTasks(session, filter)
    })
    return { run: runId, tasks: tasks.map(toTaskData) }
  },
})
