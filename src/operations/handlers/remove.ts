import { z } from 'zod'

import { removeCallHandler } from '#catalog/background-handlers.ts'
import { MillraceError } from '#kernel/errors.ts'
import { defineOperation } from '#operations/operation.ts'
import { taskNameField } from '#tasks/task-request.ts'

export const removeHandler = defineOperation({
  name: 'handlers.remove',
  summary:
    'Let tasks of a name no longer go to an address; new ones wait for a worker that leases them',
  permission: 'run',
  rest: { method: 'DELETE', path: '/v1/task-handlers/{name}' },
  input: z.strictObject({ name: taskNameField.describe('Name of the tasks.') }),
  output: z.object({ name: z.string() }),
  async handler({ name }, { parts, caller }) {
    const isRemoved = await parts.catalog.asTenant(caller.tenant, (session) =>
      removeCallHandler(session, name),
    )
    if (!isRemoved) throw new MillraceError('task-handler-unknown', { name })
    return { name }
  },
})
