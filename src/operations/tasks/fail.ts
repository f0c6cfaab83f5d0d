import { z } from 'zod'

import { endBackgroundTasks } from '#catalog/background-ends.ts'
import { getBackgroundTask, loadTaskOrders } from '#catalog/background-tasks.ts'
import { retryTasks } from '#catalog/task-ends.ts'
import { MillraceError, toErrorData } from '#kernel/errors.ts'
import { backoffMs } from '#kernel/retry.ts'
import { standardRetry } from '#model/task-definition.ts'
import { defineOperation } from '#operations/operation.ts'
import { taskStates } from '#operations/tasks/task-data.ts'
import { assertLease, leaseFields } from '#operations/tasks/lease-fields.ts'
import { taskIdOf } from '#operations/tasks/task-id.ts'

export const failTask = defineOperation({
  name: 'tasks.fail',
  summary:
    'For workers of other services: the attempt failed; it is tried again unless that is useless',
  permission: 'run',
  // Traffic of machines; each task has a history of its own.
  audit: 'none',
  rest: { method: 'POST', path: '/v1/tasks/{task}/fail' },
  input: z.strictObject({
    ...leaseFields,
    error: z.string().min(1).max(4_000).describe('What went wrong, for people.'),
    retryable: z.boolean().default(true).describe('False: another attempt would end the same way.'),
    retryAfterMs: z
      .int()
      .min(0)
      .max(86_400_000)
      .optional()
      .describe("Not before so long; default: the task's own policy."),
  }),
  output: z.object({
    id: z.string(),
    /** `ready`: another attempt follows. */
    state: z.enum(taskStates),
  }),
  async handler({ task, fence, error: message, retryable, retryAfterMs }, { parts, caller }) {
    const taskId = taskIdOf(task)
    const state = await parts.catalog.asTenant(caller.tenant, async (session) => {
      const lease = await assertLease(session, task, taskId, fence)
      const found = await getBackgroundTask(session, taskId)
      const name = found?.name ?? task
      const error = {
        ...toErrorData(new MillraceError('task-worker-failed', { name, message })),
        retryable,
      }
      if (lease.isCancelRequested) {
        await endBackgroundTasks(session, [{ taskId, fence, state: 'cancelled', error }])
        return 'cancelled' as const
      }
      const order = (await loadTaskOrders(session, [taskId])).get(taskId)
      const { firstMs, factor, ceilingMs } = { ...standardRetry, ...order?.retry }
      const policy = {
        firstMs: firstMs ?? standardRetry.firstMs,
        factor: factor ?? standardRetry.factor,
        ceilingMs: ceilingMs ?? standardRetry.ceilingMs,
      }
      const delayMs = retryAfterMs ?? backoffMs(policy, lease.attempts, parts.random)
      const { failed } = await retryTasks(session, '', [
        { taskId, fence, error, delayMs, alone: false },
      ])
      return failed.length > 0 ? ('failed' as const) : ('ready' as const)
    })
    return { id: task, state }
  },
})
