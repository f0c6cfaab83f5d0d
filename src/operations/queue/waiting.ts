import { z } from 'zod'

import { waitingGroups } from '#catalog/queue-history.ts'
import { whyTask } from '#catalog/why.ts'
import { defineOperation } from '#operations/operation.ts'
import { whySentence } from '#operations/tasks/why-sentence.ts'

export const queueWaiting = defineOperation({
  name: 'queue.waiting',
  summary: 'What waits, in groups, and why the first task of each group waits',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/queue/waiting' },
  input: z.strictObject({
    limit: z.int().min(1).max(50).default(20).describe('Most groups of the answer.'),
  }),
  output: z.object({
    /** Those that wait the longest first. */
    groups: z.array(
      z.object({
        /** Dataset, or name of background tasks. */
        name: z.string(),
        handler: z.enum(['factory', 'code', 'call', 'pull', 'delivery']),
        /** Null: they belong to no run. */
        run: z.string().nullable(),
        class: z.enum(['normal', 'backfill']),
        /** `inputs`: for tasks of their run. `delayed`: for their time. `key`: for their concurrency key. */
        state: z.enum(['inputs', 'delayed', 'key', 'ready']),
        tasks: z.int(),
        oldestAt: z.iso.datetime(),
        first: z.int(),
        reason: z.string().nullable(),
        sentence: z.string().nullable(),
      }),
    ),
    more: z.boolean(),
  }),
  async handler({ limit }, { parts, caller }) {
    const { tenant } = caller
    const found = await parts.catalog.asTenant(tenant, (session) =>
      waitingGroups(session, limit + 1),
    )
    const shown = found.slice(0, limit)
    const groups = await parts.catalog.asSystem(async (session) => {
      const told = []
      for (const { runId, oldestAt, ...group } of shown) {
        const why = await whyTask(session, tenant.id, group.first)
        told.push({
          ...group,
          run: runId,
          oldestAt: oldestAt.toISOString(),
          reason: why?.reason ?? null,
          sentence: why && `${whySentence(why, parts.clock.now())}.`,
        })
      }
      return told
    })
    return { groups, more: found.length > limit }
  },
})
