import { z } from 'zod'

import { fireNow, getFiring } from '#catalog/trigger-firings.ts'
import { getTrigger } from '#catalog/triggers.ts'
import { MillraceError } from '#kernel/errors.ts'
import { defineOperation } from '#operations/operation.ts'
import { firingData, toFiringData, triggerNameField } from '#operations/schedules/schedule-data.ts'

export const fireSchedule = defineOperation({
  name: 'schedules.fire',
  summary: 'Fire now, as if its time had come; its overlap policy holds',
  permission: 'run',
  rest: { method: 'POST', path: '/v1/schedules/{name}/fire' },
  input: z.strictObject({ name: triggerNameField }),
  output: firingData,
  async handler({ name }, { parts, caller }) {
    const firing = await parts.catalog.asTenant(caller.tenant, async (session) => {
      const { id } = await getTrigger(session, 'schedule', name)
      return getFiring(session, id, await fireNow(session, id))
    })
    if (!firing) throw new MillraceError('internal', { message: 'a firing is gone at once' })
    parts.log.info('schedule fired', {
      schedule: name,
      tenant: caller.tenant.slug,
      by: caller.name,
    })
    return toFiringData(firing)
  },
})
