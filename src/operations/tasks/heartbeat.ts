import { z } from 'zod'

import { extendLease, reportProgress } from '#catalog/background-ends.ts'
import { MillraceError } from '#kernel/errors.ts'
import { defineOperation } from '#operations/operation.ts'
import { assertLease, leaseFields, leaseMsField } from '#operations/tasks/lease-fields.ts'
import { taskIdOf } from '#operations/tasks/task-id.ts'

export const heartbeatTask = defineOperation({
  name: 'tasks.heartbeat',
  summary: 'For workers of other services: keep the lease of a task, say how far it is',
  permission: 'run',
  // Traffic of machines; each task has a history of its own.
  audit: 'none',
  rest: { method: 'POST', path: '/v1/tasks/{task}/heartbeat' },
  input: z.strictObject({
    ...leaseFields,
    leaseMs: leaseMsField,
    progress: z
      .strictObject({
        done: z.number().optional(),
        total: z.number().optional(),
        message: z.string().max(1_000).optional(),
      })
      .optional()
      .describe('{ done, total, message }, shown with the task.'),
  }),
  output: z.object({
    /** True: stop, and report the task as failed, or release it. */
    cancel: z.boolean(),
    leaseUntil: z.iso.datetime(),
  }),
  async handler({ task, fence, leaseMs, progress }, { parts, caller }) {
    const taskId = taskIdOf(task)
    const kept = await parts.catalog.asTenant(caller.tenant, async (session) => {
      await assertLease(session, task, taskId, fence)
      const extended = await extendLease(session, { taskId, fence }, leaseMs)
      if (extended && progress) await reportProgress(session, { taskId, fence }, progress)
      return extended
    })
    if (!kept) throw new MillraceError('lease-lost', { tasks: `task ${task}` })
    return { cancel: kept.cancel, leaseUntil: kept.leaseUntil.toISOString() }
  },
})
