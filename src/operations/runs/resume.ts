import { z } from 'zod'

import { resumeQueue } from '#catalog/pauses.ts'
import { defineOperation } from '#operations/operation.ts'
import { resolveRun } from '#operations/runs/resolve-run.ts'
import { runField } from '#operations/runs/run-data.ts'

export const resumeRun = defineOperation({
  name: 'runs.resume',
  summary: 'Go on with a run that was paused',
  permission: 'run',
  rest: { method: 'POST', path: '/v1/runs/{run}/resume' },
  input: z.strictObject({ run: runField }),
  output: z.object({ run: z.string(), wasPaused: z.boolean() }),
  async handler({ run: text }, { parts, caller }) {
    const run = await resolveRun(parts, caller.tenant, text)
    const wasPaused = await parts.catalog.asTenant(caller.tenant, (session) =>
      resumeQueue(session, { scope: 'run', value: run }, 'tenant'),
    )
    parts.log.info('run resumed', { run, tenant: caller.tenant.slug, by: caller.name })
    return { run, wasPaused }
  },
})
