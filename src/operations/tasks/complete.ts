import { z } from 'zod'

import { endBackgroundTasks } from '#catalog/background-ends.ts'
import { MillraceError } from '#kernel/errors.ts'
import { defineOperation } from '#operations/operation.ts'
import { assertLease, leaseFields } from '#operations/tasks/lease-fields.ts'
import { taskIdOf } from '#operations/tasks/task-id.ts'

const RESULT_BYTES_MAX = 900_000

export const completeTask = defineOperation({
  name: 'tasks.complete',
  summary: 'For workers of other services: the task is done, and this came out',
  permission: 'run',
  // Traffic of machines; each task has a history of its own.
  audit: 'none',
  rest: { method: 'POST', path: '/v1/tasks/{task}/complete' },
  input: z.strictObject({
    ...leaseFields,
    result: z.unknown().optional().describe('Any JSON.'),
  }),
  output: z.object({ id: z.string(), state: z.literal('done') }),
  async handler({ task, fence, result }, { parts, caller }) {
    const taskId = taskIdOf(task)
    const text = result === undefined ? undefined : JSON.stringify(result)
    const bytes = text === undefined ? 0 : Buffer.byteLength(text)
    if (bytes > RESULT_BYTES_MAX) {
      const details = { part: 'result', task, bytes, maxBytes: RESULT_BYTES_MAX }
      throw new MillraceError('task-payload-too-large', details)
    }
    await parts.catalog.asTenant(caller.tenant, async (session) => {
      const lease = await assertLease(session, task, taskId, fence)
      // The answer to the first report was lost: it counts, and the second one changes nothing.
      if (lease.state === 'done') return
      await endBackgroundTasks(session, [{ taskId, fence, state: 'done', result: text }])
    })
    return { id: task, state: 'done' as const }
  },
})
