import { z } from 'zod'

import { costsByDay } from '#catalog/usage-costs.ts'
import { defineOperation } from '#operations/operation.ts'

const DAYS_MAX = 31

export const usageCosts = defineOperation({
  name: 'usage.costs',
  summary:
    'What building each dataset has cost by day: tasks that ended well, time of slots, bytes',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/usage/costs' },
  input: z.strictObject({
    days: z
      .int()
      .min(1)
      .max(DAYS_MAX)
      .default(DAYS_MAX)
      .describe('Days back from today, in UTC, today among them.'),
  }),
  output: z.object({
    /** The dearest first. */
    datasets: z.array(
      z.object({
        dataset: z.string(),
        tasks: z.int(),
        /** How long slots were taken, of all tasks together. */
        slotSeconds: z.number(),
        cpuSeconds: z.number(),
        readBytes: z.int(),
        writtenBytes: z.int(),
        /** The oldest first; days without anything are left out. */
        days: z.array(z.object({ day: z.string(), slotSeconds: z.number(), tasks: z.int() })),
      }),
    ),
  }),
  async handler({ days }, { parts, caller }) {
    const names = parts.factory.datasets.map(({ name }) => name)
    const rows = await parts.catalog.asTenant(caller.tenant, (session) =>
      costsByDay(session, names, days - 1),
    )
    const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0)
    const datasets = Array.from(
      Map.groupBy(rows, ({ dataset }) => dataset),
      ([dataset, own]) => ({
        dataset,
        tasks: sum(own.map(({ tasks }) => tasks)),
        slotSeconds: sum(own.map(({ wallMs }) => wallMs)) / 1000,
        cpuSeconds: sum(own.map(({ cpuMs }) => cpuMs)) / 1000,
        readBytes: sum(own.map(({ readBytes }) => readBytes)),
        writtenBytes: sum(own.map(({ writtenBytes }) => writtenBytes)),
        days: own.map(({ day, tasks, wallMs }) => ({ day, tasks, slotSeconds: wallMs / 1000 })),
      }),
    )
    return { datasets: datasets.toSorted((a, b) => b.slotSeconds - a.slotSeconds) }
  },
})
