import { z } from 'zod'

import { listTriggers } from '#catalog/triggers.ts'
import { defineOperation } from '#operations/operation.ts'
import { scheduleData, toScheduleData } from '#operations/schedules/schedule-data.ts'

export const listSchedules = defineOperation({
  name: 'schedules.list',
  summary: 'Schedules by name, with when they fire next',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/schedules' },
  input: z.strictObject({}),
  output: z.object({ schedules: z.array(scheduleData) }),
  async handler(_input, { parts, caller }) {
    const schedules = await parts.catalog.asTenant(caller.tenant, (session) =>
      listTriggers(session, 'schedule'),
    )
    return { schedules: schedules.map(toScheduleData) }
  },
})
