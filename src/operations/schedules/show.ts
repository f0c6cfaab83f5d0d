import { z } from 'zod'

import { listFirings } from '#catalog/trigger-firings.ts'
import { getTrigger } from '#catalog/triggers.ts'
import { defineOperation } from '#operations/operation.ts'
import {
  firingData,
  scheduleData,
  toFiringData,
  toScheduleData,
  triggerNameField,
} from '#operations/schedules/schedule-data.ts'

export const showSchedule = defineOperation({
  name: 'schedules.show',
  summary: 'A schedule with what became of its newest due times',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/schedules/{name}' },
  input: z.strictObject({
    name: triggerNameField,
    limit: z.int().min(0).max(200).default(20).describe('Most due times of the answer.'),
  }),
  output: z.object({ schedule: scheduleData, firings: z.array(firingData) }),
  async handler({ name, limit }, { parts, caller }) {
    return parts.catalog.asTenant(caller.tenant, async (session) => {
      const trigger = await getTrigger(session, 'schedule', name)
      const firings = await listFirings(session, trigger.id, limit)
      return { schedule: toScheduleData(trigger), firings: firings.map(toFiringData) }
    })
  },
})
