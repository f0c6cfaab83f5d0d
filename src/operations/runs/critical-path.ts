import { z } from 'zod'

import { gatedTasks, runGates } from '#catalog/run-gates.ts'
import { getRun } from '#catalog/runs.ts'
import { MillraceError } from '#kernel/errors.ts'
import { criticalPath } from '#model/critical-path.ts'
import { defineOperation } from '#operations/operation.ts'
import { resolveRun } from '#operations/runs/resolve-run.ts'
import { runField } from '#operations/runs/run-data.ts'
import { taskStates } from '#operations/tasks/task-data.ts'

export const runCriticalPath = defineOperation({
  name: 'runs.critical-path',
  summary: 'The chain of tasks that a run took as long for: each began when the former had ended',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/runs/{run}/critical-path' },
  input: z.strictObject({ run: runField }),
  output: z.object({
    run: z.string(),
    /** First one first; of a run under way the chain up to what runs longest by now. */
    steps: z.array(
      z.object({
        task: z.int(),
        dataset: z.string(),
        partition: z.string(),
        state: z.enum(taskStates),
        /** When nothing but a slot was missing any more. */
        readyAt: z.iso.datetime(),
        startedAt: z.iso.datetime().nullable(),
        endedAt: z.iso.datetime().nullable(),
        waitMs: z.number(),
        workMs: z.number().nullable(),
      }),
    ),
  }),
  async handler({ run }, { parts, caller }) {
    const runId = await resolveRun(parts, caller.tenant, run)
    const { last, gateOf, tasks } = await parts.catalog.asTenant(caller.tenant, async (session) => {
      if (!(await getRun(session, runId))) throw new MillraceError('run-unknown', { run })
      const gates = await runGates(session, runId)
      return { ...gates, tasks: await gatedTasks(session, chainOf(gates.last, gates.gateOf)) }
    })
    const found = new Map(tasks.map((task) => [task.task, task]))
    const timed = new Map(
      tasks.map(({ task, createdAt, startedAt, endedAt }) => [
        task,
        {
          task,
          createdAt: createdAt.getTime(),
          startedAt: startedAt?.getTime() ?? null,
          endedAt: endedAt?.getTime() ?? null,
        },
      ]),
    )
    const steps = last === null ? [] : criticalPath(last, gateOf, timed)
    return {
      run: runId,
      steps: steps.flatMap(({ task, readyAt, startedAt, endedAt }) => {
        const about = found.get(task)
        if (!about) return []
        return {
          task,
          dataset: about.dataset,
          partition: about.partition,
          state: about.state,
          readyAt: new Date(readyAt).toISOString(),
          startedAt: about.startedAt?.toISOString() ?? null,
          endedAt: about.endedAt?.toISOString() ?? null,
          waitMs: startedAt === null ? 0 : startedAt - readyAt,
          workMs: startedAt === null || endedAt === null ? null : endedAt - startedAt,
        }
      }),
    }
  },
})

/** The last task and whatever it hung on, back to the first. */
function chainOf(last: number | null, gateOf: ReadonlyMap<number, number>): number[] {
  const chain = new Set<number>()
  for (let id = last ?? undefined; id !== undefined && !chain.has(id); id = gateOf.get(id)) {
    chain.add(id)
  }
  return [...chain]
}
