import { z } from 'zod'

import { defineOperation } from '#operations/operation.ts'
import { cronTimes } from '#triggers/cron.ts'
import { wallClock } from '#triggers/wall-clock.ts'

export const reportTimes = defineOperation({
  name: 'reports.times',
  summary: 'When a report with this clock would be sent next, before it is made',
  permission: 'export',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/report-times' },
  argumentFields: ['cron'],
  input: z.strictObject({
    cron: z.string().min(1).max(200).describe('`0 7 * * 1-5`, `@daily`.'),
    zone: z.string().max(100).default('UTC').describe('Time zone of `cron`: `Europe/Berlin`.'),
    count: z.int().min(1).max(100).default(5).describe('How many times.'),
  }),
  output: z.object({
    zone: z.string(),
    /** Empty: it is never due. */
    times: z.array(
      z.object({
        at: z.iso.datetime(),
        /** As the wall of its zone shows it. */
        wall: z.string(),
      }),
    ),
  }),
  async handler({ cron, zone, count }, { parts }) {
    const due = cronTimes(cron, zone)
    const clock = wallClock(zone)
    const times = []
    for (
      let at = due.after(parts.clock.now());
      at !== null && times.length < count;
      at = due.after(at)
    ) {
      const wall = new Date(clock.wallAt(at.getTime())).toISOString()
      times.push({ at: at.toISOString(), wall: wall.slice(0, 16).replace('T', ' ') })
    }
    return { zone, times }
  },
})
