import { z } from 'zod'

import { listReports, recentReportRuns } from '#catalog/reports.ts'
import { catalogNow } from '#catalog/triggers.ts'
import { reportRunStates, reportStates } from '#model/report.ts'
import { defineOperation } from '#operations/operation.ts'
import { reportField, seesReport } from '#operations/reports/report-data.ts'
import { cronTimes, dueBetween } from '#triggers/cron.ts'

const DAY_MS = 86_400_000
/** Of one report: what is due every minute is said to be more. */
const TIMES_MOST = 200

export const reportCalendar = defineOperation({
  name: 'reports.calendar',
  summary: 'When reports are sent in the coming weeks, and how their last runs came out',
  permission: 'export',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/report-calendar' },
  input: z.strictObject({
    days: z.int().min(1).max(92).default(28).describe('How far ahead.'),
    runs: z.int().min(1).max(50).default(14).describe('Most of the last runs of each report.'),
    after: reportField.optional().describe('Only those behind this name (`next`).'),
    limit: z.int().min(1).max(200).default(100).describe('Most reports of the answer.'),
  }),
  output: z.object({
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    reports: z.array(
      z.object({
        report: z.string(),
        state: z.enum(reportStates),
        /** Of its clock; empty while it is paused, and where it waits for data. */
        times: z.array(z.iso.datetime()),
        /** There are more times than these. */
        more: z.boolean(),
        /** Newest first. */
        runs: z.array(
          z.object({
            number: z.int(),
            at: z.iso.datetime(),
            state: z.enum(reportRunStates),
            rows: z.int().nullable(),
            delivery: z.string().nullable(),
            detail: z.string(),
          }),
        ),
      }),
    ),
    next: z.string().nullable(),
  }),
  async handler({ days, runs: most, after = '', limit }, { parts, caller }) {
    const { now, found, runs } = await parts.catalog.asTenant(caller.tenant, async (session) => {
      const all = await listReports(session, { after, limit: limit + 1 })
      const names = all.slice(0, limit).map(({ name }) => name)
      return {
        now: await catalogNow(session),
        found: all,
        runs: await recentReportRuns(session, names, most),
      }
    })
    const page = found.slice(0, limit)
    const to = new Date(now.getTime() + days * DAY_MS)
    const own = Map.groupBy(runs, ({ report }) => report)
    return {
      from: now.toISOString(),
      to: to.toISOString(),
      reports: page
        .filter((report) => seesReport(report, caller))
        .map(({ name, state, cron, zone }) => {
          const isDue = cron !== null && state === 'active'
          const { due, more } = isDue
            ? dueBetween(cronTimes(cron, zone), now, to, TIMES_MOST)
            : { due: [], more: false }
          return {
            report: name,
            state,
            times: due.map((at) => at.toISOString()),
            more,
            runs: (own.get(name) ?? []).map((run) => ({
              number: run.number,
              at: run.at.toISOString(),
              state: run.state,
              rows: run.rows,
              delivery: run.deliveryId,
              detail: run.detail,
            })),
          }
        }),
      next: found.length > limit ? (page.at(-1)?.name ?? null) : null,
    }
  },
})
