import { z } from 'zod'

import { getTrigger, pauseTrigger } from '#catalog/triggers.ts'
import { defineOperation } from '#operations/operation.ts'
import {
  scheduleData,
  toScheduleData,
  triggerNameField,
} from '#operations/schedules/schedule-data.ts'

export const pauseSchedule = defineOperation({
  name: 'schedules.pause',
  summary: 'Fire no more until it is resumed; what it started goes on',
  permission: 'run',
  rest: { method: 'POST', path: '/v1/schedules/{name}/pause' },
  input: z.strictObject({ name: triggerNameField }),
  output: scheduleData,
  async handler({ name }, { parts, caller }) {
    const trigger = await parts.catalog.asTenant(caller.tenant, async (session) => {
      const { id } = await getTrigger(session, 'schedule', name)
      await pauseTrigger(session, id, caller.name)
      return getTrigger(session, 'schedule', name)
    })
    parts.log.info('schedule paused', {
      schedule: name,
      tenant: caller.tenant.slug,
      by: caller.name,
    })
    return toScheduleData(trigger)
  },
})
