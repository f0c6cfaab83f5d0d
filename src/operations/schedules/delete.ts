import { z } from 'zod'

import { deleteTrigger } from '#catalog/triggers.ts'
import { defineOperation } from '#operations/operation.ts'
import { triggerNameField } from '#operations/schedules/schedule-data.ts'

export const deleteSchedule = defineOperation({
  name: 'schedules.delete',
  summary: 'Remove a schedule and the record of its firings; what it started goes on',
  permission: 'run',
  rest: { method: 'DELETE', path: '/v1/schedules/{name}' },
  input: z.strictObject({ name: triggerNameField }),
  output: z.object({ deleted: z.string() }),
  async handler({ name }, { parts, caller }) {
    await parts.catalog.asTenant(caller.tenant, (session) =>
      deleteTrigger(session, 'schedule', name),
    )
    parts.log.info('schedule deleted', {
      schedule: name,
      tenant: caller.tenant.slug,
      by: caller.name,
    })
    return { deleted: name }
  },
})
