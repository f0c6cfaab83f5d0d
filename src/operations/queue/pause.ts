import { z } from 'zod'

import { pauseEverywhere, pauseQueue, pauseScopes } from '#catalog/pauses.ts'
import { getRun } from '#catalog/runs.ts'
import { MillraceError } from '#kernel/errors.ts'
import { findBackfill } from '#operations/backfills/backfill-data.ts'
import { defineOperation, type Caller } from '#operations/operation.ts'
import type { Parts } from '#operations/parts.ts'
import { pausedFields, pausedThingOf } from '#operations/queue/paused-thing.ts'
import { resolveRun } from '#operations/runs/resolve-run.ts'

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
    const asked = { ...input, ...(await existingThing(parts, caller, input)) }
    const { scope, value, everywhere, by } = pausedThingOf('queue.pause', asked, caller)
    const pause = { scope, value, reason }
    await (everywhere
      ? parts.catalog.asSystem((session) => pauseEverywhere(session, pause))
      : parts.catalog.asTenant(caller.tenant, (session) => pauseQueue(session, pause, by)))
    const tenant = everywhere ? null : caller.tenant.slug
    parts.log.info('queue paused', { tenant, ...pause, by: caller.name })
    return pause
  },
})

/** A run or a backfill by its whole name, so that nothing is paused that is not there. */
async function existingThing(
  parts: Parts,
  caller: Caller,
  { run, backfill }: { readonly run?: string | undefined; readonly backfill?: string | undefined },
): Promise<{ run?: string; backfill?: string }> {
  if (backfill !== undefined) return { backfill: (await findBackfill(parts, caller, backfill)).id }
  if (run === undefined) return {}
  const id = await resolveRun(parts, caller.tenant, run)
  const found = await parts.catalog.asTenant(caller.tenant, (session) => getRun(session, id))
  if (!found) throw new MillraceError('run-unknown', { run })
  return { run: id }
}
