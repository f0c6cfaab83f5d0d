import { z } from 'zod'

import { releaseTasks } from '#catalog/task-ends.ts'
import { defineOperation } from '#operations/operation.ts'
import { assertLease, leaseFields } from '#operations/tasks/lease-fields.ts'
import { taskIdOf } from '#operations/tasks/task-id.ts'

export const releaseTask = defineOperation({
  name: 'tasks.release',
  summary: 'For workers of other services: give a task back untried, as if it had not been leased',
  permission: 'run',
  // Traffic of machines; each task has a history of its own.
  audit: 'none',
  rest: { method: 'POST', path: '/v1/tasks/{task}/release' },
  input: z.strictObject(leaseFields),
  output: z.object({ id: z.string() }),
  async handler({ task, fence }, { parts, caller }) {
    const taskId = taskIdOf(task)
    await parts.catalog.asTenant(caller.tenant, async (session) => {
      await assertLease(session, task, taskId, fence)
      await releaseTasks(session, '', [{ taskId, fence }])
    })
    return { id: task }
  },
})
