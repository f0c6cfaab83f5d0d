import { z } from 'zod'

import { taskName } from '#catalog/background-ids.ts'
import { deadLetterGroups } from '#catalog/dead-letters.ts'
import { defineOperation } from '#operations/operation.ts'

const LOOKED_AT = 10_000

export const listDeadLetters = defineOperation({
  name: 'tasks.dead-letters',
  summary: 'Failed background tasks, counted by name and reason',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/tasks/dead-letters' },
  input: z.strictObject({}),
  output: z.object({
    /** Most tasks first; of the newest 10,000 that failed. */
    groups: z.array(
      z.object({
        name: z.string(),
        code: z.string().nullable(),
        /** What the newest of them says, and which one it is. */
        message: z.string().nullable(),
        task: z.string(),
        tasks: z.int(),
        oldestAt: z.iso.datetime(),
        newestAt: z.iso.datetime(),
      }),
    ),
    tasks: z.int(),
    /** There may be more than were counted. */
    more: z.boolean(),
  }),
  async handler(_input, { parts, caller }) {
    const { groups, tasks } = await parts.catalog.asTenant(caller.tenant, (session) =>
      deadLetterGroups(session, LOOKED_AT),
    )
    return {
      groups: groups.map(({ task, oldestAt, newestAt, ...group }) => ({
        ...group,
        task: taskName(task),
        oldestAt: oldestAt.toISOString(),
        newestAt: newestAt.toISOString(),
      })),
      tasks,
      more: tasks === LOOKED_AT,
    }
  },
})
