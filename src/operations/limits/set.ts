import { z } from 'zod'

import { setGlobalLimit, setLimit } from '#catalog/limits.ts'
import { limitSubject, limitSubjectOf, parseRate } from '#operations/limits/limit-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const setLimitOperation = defineOperation({
  name: 'limits.set',
  summary: 'Bound what runs at the same time, or how often something starts',
  permission: 'run',
  audit: ['dataset', 'tag', 'running', 'rate', 'all'],
  rest: { method: 'POST', path: '/v1/limits' },
  input: z.strictObject({
    ...limitSubject,
    running: z
      .int()
      .min(0)
      .max(1_000_000)
      .optional()
      .describe('Most batches of builds, or background tasks, at the same time; 0: none.'),
    rate: z.string().optional().describe('Most starts within a time: `10/1m`.'),
  }),
  output: z.object({
    scope: z.string(),
    value: z.string(),
    running: z.int().nullable(),
    rate: z.string().nullable(),
  }),
  async handler({ running, rate, ...input }, { parts, caller }) {
    const { scope, value, everywhere, by } = limitSubjectOf('limits.set', input, caller)
    const setting = {
      scope,
      value,
      runningMax: running ?? null,
      rate: rate === undefined ? null : parseRate(rate),
    }
    await (everywhere
      ? parts.catalog.asSystem((session) => setGlobalLimit(session, setting))
      : parts.catalog.asTenant(caller.tenant, (session) => setLimit(session, setting, by)))
    const tenant = everywhere ? null : caller.tenant.slug
    parts.log.info('limit set', { tenant, scope, value, running, rate, by: caller.name })
    return { scope, value, running: running ?? null, rate: rate ?? null }
  },
})
