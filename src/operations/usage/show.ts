import { z } from 'zod'

import { dailyUsage, quotaKinds, storedUsage, usageKinds, usageToday } from '#catalog/usage.ts'
import { defineOperation } from '#operations/operation.ts'

const HISTORY_DAYS = 31

const countsData = z.object(
  Object.fromEntries(usageKinds.map((kind) => [kind, z.int()])) as Record<
    (typeof usageKinds)[number],
    z.ZodInt
  >,
)
const partData = z.object({
  used: z.int(),
  /** Null: no end to it. */
  most: z.int().nullable(),
})

export const showUsage = defineOperation({
  name: 'usage.show',
  summary: 'What the tenant has stored and done, against its quotas, with the last 31 days',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/usage' },
  input: z.strictObject({}),
  output: z.object({
    /** `2026-11-22`, in UTC: what is counted by day begins anew at midnight. */
    today: z.string(),
    /** Rows that can be read; at most a minute behind. */
    rows: z.int(),
    quotas: z.object(
      Object.fromEntries(quotaKinds.map((kind) => [kind, partData])) as Record<
        (typeof quotaKinds)[number],
        typeof partData
      >,
    ),
    /** The newest first; days without anything are left out. */
    days: z.array(z.object({ day: z.string(), ...countsData.shape })),
  }),
  async handler(_input, { parts, caller }) {
    const places = [...new Set([parts.catalog, parts.directory])]
    const { stored, today } = await parts.catalog.asTenant(caller.tenant, async (session) => ({
      stored: await storedUsage(session),
      today: await usageToday(session),
    }))
    const days = new Map<string, Record<(typeof usageKinds)[number], number>>()
    for (const place of places) {
      const counted = await place.asTenant(caller.tenant, (session) =>
        dailyUsage(session, HISTORY_DAYS - 1),
      )
      for (const { day, counts } of counted) {
        const sums = days.get(day) ?? nothing()
        for (const kind of usageKinds) sums[kind] += counts[kind] ?? 0
        days.set(day, sums)
      }
    }
    const ofToday = days.get(today) ?? nothing()
    const part = (kind: (typeof quotaKinds)[number]) => ({
      used: kind === 'storage' ? stored.bytes : ofToday[kind],
      most: stored.quotas[kind] ?? null,
    })
    return {
      today,
      rows: stored.rows,
      quotas: {
        storage: part('storage'),
        runs: part('runs'),
        exports: part('exports'),
        mails: part('mails'),
      },
      days: [...days]
        .map(([day, counts]) => ({ day, ...counts }))
        .toSorted((a, b) => (a.day < b.day ? 1 : -1)),
    }
  },
})

function nothing(): Record<(typeof usageKinds)[number], number> {
  return Object.fromEntries(usageKinds.map((kind) => [kind, 0])) as Record<
    (typeof usageKinds)[number],
    number
  >
}
