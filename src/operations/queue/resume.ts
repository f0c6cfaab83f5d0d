import { z } from 'zod'

import { resumeEverywhere, resumeQueue } from '#catalog/pauses.ts'
import { defineOperation } from '#operations/operation.ts'
import { pausedFields, pausedThingOf } from '#operations/queue/paused-thing.ts'

export const resumeQueueOperation = defineOperation({
  name: 'queue.resume',
  summary: 'Go on with what was paused',
  permission: 'run',
  audit: ['dataset', 'run', 'backfill', 'all'],
  rest: { method: 'POST', path: '/v1/queue/resume' },
  input: z.strictObject(pausedFields),
  output: z.object({
    /** False: it was not paused. */
    resumed: z.boolean(),
  }),
  async handler(input, { parts, caller }) {
    const { scope, value, everywhere, by } = pausedThingOf('queue.resume', input, caller)
    const resumed = await (everywhere
      ? parts.catalog.asSystem((session) => resumeEverywhere(session, { scope, value }))
      : parts.catalog.asTenant(caller.tenant, (session) =>
          resumeQueue(session, { scope, value }, by),
        ))
    const tenant = everywhere ? null : caller.tenant.slug
    if (resumed) parts.log.info('queue resumed', { tenant, scope, value, by: caller.name })
    return { resumed }
  },
})
