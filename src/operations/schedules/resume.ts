import { z } from 'zod'

import { catalogNow, getTrigger, resumeTrigger } from '#catalog/triggers.ts'
import { defineOperation } from '#operations/operation.ts'
import {
  scheduleData,
  toScheduleData,
  triggerNameField,
} from '#operations/schedules/schedule-data.ts'
import { nextFiring } from '#triggers/schedule-times.ts'
import type { ScheduleDefinition } from '#triggers/schedule.ts'

export const resumeSchedule = defineOperation({
  name: 'schedules.resume',
  summary: 'Fire again from the next due time on; those of the pause are not made up for',
  permission: 'run',
  rest: { method: 'POST', path: '/v1/schedules/{name}/resume' },
  input: z.strictObject({ name: triggerNameField }),
  output: scheduleData,
  async handler({ name }, { parts, caller }) {
    const trigger = await parts.catalog.asTenant(caller.tenant, async (session) => {
      const { id, definition, pausedAt } = await getTrigger(session, 'schedule', name)
      const now = await catalogNow(session)
      if (pausedAt !== null) {
        await resumeTrigger(session, id, nextFiring(id, definition as ScheduleDefinition, now))
      }
      return getTrigger(session, 'schedule', name)
    })
    parts.log.info('schedule resumed', {
      schedule: name,
      tenant: caller.tenant.slug,
      by: caller.name,
    })
    return toScheduleData(trigger)
  },
})
