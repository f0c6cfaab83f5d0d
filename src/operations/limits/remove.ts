import { z } from 'zod'

import { removeGlobalLimit, removeLimit } from '#catalog/limits.ts'
import { limitSubject, limitSubjectOf } from '#operations/limits/limit-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const removeLimitOperation = defineOperation({
  name: 'limits.remove',
  summary: 'Take a limit away',
  permission: 'run',
  audit: ['dataset', 'tag', 'all'],
  rest: { method: 'POST', path: '/v1/limits/remove' },
  input: z.strictObject(limitSubject),
  output: z.object({
    /** False: there was none. */
    removed: z.boolean(),
  }),
  async handler(input, { parts, caller }) {
    const { scope, value, everywhere, by } = limitSubjectOf('limits.remove', input, caller)
    const removed = await (everywhere
      ? parts.catalog.asSystem((session) => removeGlobalLimit(session, scope, value))
      : parts.catalog.asTenant(caller.tenant, (session) => removeLimit(session, scope, value, by)))
    const tenant = everywhere ? null : caller.tenant.slug
    if (removed) parts.log.info('limit removed', { tenant, scope, value, by: caller.name })
    return { removed }
  },
})
