import { z } from 'zod'

import { pauseQueue } from '#catalog/pauses.ts'
import { getRun } from '#catalog/runs.ts'
import { MillraceError } from '#kernel/errors.ts'
import { defineOperation } from '#operations/operation.ts'
import { resolveRun } from '#operations/runs/resolve-run.ts'
import { runField } from '#operations/runs/run-data.ts'

export const pauseRun = defineOperation({
  name: 'runs.pause',
  summary: 'Begin nothing more of a run until it is resumed; what runs goes on',
  permission: 'run',
  audit: ['reason'],
  rest: { method: 'POST', path: '/v1/runs/{run}/pause' },
  input: z.strictObject({
    run: runField,
    reason: z.string().min(1).max(500).default('paused').describe('Why, for those who wonder.'),
  }),
  output: z.object({ run: z.string(), reason: z.string() }),
  async handler({ run: text, reason }, { parts, caller }) {
    const run = await resolveRun(parts, caller.tenant, text)
    await parts.catalog.asTenant(caller.tenant, async (session) => {
      const found = await getRun(session, run)
      if (!found) throw new MillraceError('run-unknown', { run })
      if (found.state !== 'running') {
        throw new MillraceError('run-ended', { run, state: found.state })
      }
      await pauseQueue(session, { scope: 'run', value: run, reason }, 'tenant')
    })
    parts.log.info('run paused', { run, tenant: caller.tenant.slug, by: caller.name, reason })
    return { run, reason }
  },
})
