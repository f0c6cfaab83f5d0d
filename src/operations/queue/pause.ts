import { z } from 'zod'

import { pauseEverywhere, pauseQueue, pauseScopes } from '#catalog/pauses.ts'
import { defineOperation } from '#operations/operation.ts'
import { pausedFields, pausedThingOf } from '#operations/queue/paused-thing.ts'

export const pauseQueueOperation = defineOperation({
  name: 'queue.pause',
  summary: 'Begin nothing more of a tenant, dataset, run or backfill; what runs goes on',
  permission: 'run',
  audit: ['dataset', 'run', 'backfill', 'all', 'reason'],
  rest: { method: 'POST', path: '/v1/queue/pause' },
  input: z.strictObject({
    ...pausedFields,
    reason: z.string().min(1).max(500).default('paused').describe('Why, for those who wonder.'),
  }),
  output: z.object({ scope: z.enum(pauseScopes), value: z.string(), reason: z.string() }),
  async handler({ reason, ...input }, { parts, caller }) {
    const { scope, value, everywhere, by } = pausedThingOf('queue.pause', input, caller)
    const pause = { scope, value, reason }
    await (everywhere
      ? parts.catalog.asSystem((session) => pauseEverywhere(session, pause))
      : parts.catalog.asTenant(caller.tenant, (session) => pauseQueue(session, pause, by)))
    const tenant = everywhere ? null : caller.tenant.slug
    parts.log.info('queue paused', { tenant, ...pause, by: caller.name })
    return pause
  },
})
