import { z } from 'zod'

import { discardDeadLetters } from '#catalog/background-steer.ts'
import { defineOperation } from '#operations/operation.ts'
import { changedTasks } from '#operations/tasks/dead-letters.ts'
import { taskNameField } from '#tasks/task-request.ts'

export const discardAllTasks = defineOperation({
  name: 'tasks.discard-all',
  summary: 'Give every failed background task of a name up for good',
  permission: 'run',
  audit: ['name'],
  rest: { method: 'POST', path: '/v1/tasks/discard-all' },
  input: z.strictObject({ name: taskNameField.describe('Name of the tasks.') }),
  output: changedTasks,
  async handler({ name }, { parts, caller }) {
    const changed = await parts.catalog.asTenant(caller.tenant, (session) =>
      discardDeadLetters(session, { name }),
    )
    return { tasks: changed.length }
  },
})
