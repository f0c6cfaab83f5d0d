import { z } from 'zod'

import { retryDeadLetters } from '#catalog/background-steer.ts'
import { defineOperation } from '#operations/operation.ts'
import { changedTasks } from '#operations/tasks/dead-letters.ts'
import { taskNameField } from '#tasks/task-request.ts'

export const retryAllTasks = defineOperation({
  name: 'tasks.retry-all',
  summary: 'Try every failed background task of a name again',
  permission: 'run',
  audit: ['name'],
  rest: { method: 'POST', path: '/v1/tasks/retry-all' },
  input: z.strictObject({ name: taskNameField.describe('Name of the tasks.') }),
  output: changedTasks,
  async handler({ name }, { parts, caller }) {
    const changed = await parts.catalog.asTenant(caller.tenant, (session) =>
      retryDeadLetters(session, { name }),
    )
    return { tasks: changed.length }
  },
})
