import { z } from 'zod'

import { catalogNow, getTrigger } from '#catalog/triggers.ts'
import { defineOperation } from '#operations/operation.ts'
import { comingTimes } from '#operations/schedules/coming-times.ts'
import { triggerNameField } from '#operations/schedules/schedule-data.ts'
import type { ScheduleDefinition } from '#triggers/schedule.ts'

export const nextTimes = defineOperation({
  name: 'schedules.next',
  summary: 'The coming due times of a schedule, and what each of them would start',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/schedules/{name}/next' },
  input: z.strictObject({
    name: triggerNameField,
    count: z.int().min(1).max(100).default(5).describe('How many of them.'),
  }),
  output: z.object({
    zone: z.string(),
    times: z.array(
      z.object({
        at: z.iso.datetime(),
        /** As the wall of its zone shows it. */
        wall: z.string(),
        partition: z.string().nullable(),
      }),
    ),
  }),
  async handler({ name, count }, { parts, caller }) {
    const { definition, now } = await parts.catalog.asTenant(caller.tenant, async (session) => ({
      definition: (await getTrigger(session, 'schedule', name)).definition as ScheduleDefinition,
      now: await catalogNow(session),
    }))
    const { cron, zone, starts } = definition
    const partition = starts.kind === 'run' ? starts.partition : null
    return { zone, times: comingTimes({ cron, zone, partition }, now, count) }
  },
})
