import { z } from 'zod'

import { tenantSettings } from '#catalog/tenant-settings.ts'
import { catalogNow } from '#catalog/triggers.ts'
import { defineOperation } from '#operations/operation.ts'
import { comingTimes } from '#operations/schedules/coming-times.ts'
import { assertDueText } from '#triggers/due-text.ts'

export const previewSchedule = defineOperation({
  name: 'schedules.preview',
  summary: 'The coming due times of a cron expression before there is a schedule of it',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/schedule-preview' },
  input: z.strictObject({
    cron: z
      .string()
      .min(1)
      .max(200)
      .describe('Minute, hour, day of the month, month, day of the week; or @daily and the like.'),
    zone: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .describe("IANA time zone: Europe/Berlin; default: the tenant's."),
    partition: z
      .string()
      .min(1)
      .max(2000)
      .optional()
      .describe('As a schedule takes it: {month-1} is the last closed month.'),
    count: z.int().min(1).max(100).default(5).describe('How many of them.'),
  }),
  output: z.object({
    zone: z.string(),
    /** None: no time is like that any more. */
    times: z.array(
      z.object({
        at: z.iso.datetime(),
        /** As the wall of its zone shows it. */
        wall: z.string(),
        partition: z.string().nullable(),
      }),
    ),
  }),
  async handler({ cron, zone: asked, partition = null, count }, { parts, caller }) {
    const zone = asked ?? (await parts.directory.asTenant(caller.tenant, tenantSettings)).timeZone
    if (partition !== null) assertDueText(partition)
    const now = await parts.catalog.asTenant(caller.tenant, catalogNow)
    return { zone, times: comingTimes({ cron, zone, partition }, now, count) }
  },
})
