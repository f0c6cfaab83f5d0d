import { z } from 'zod'

import { arrivalDays } from '#catalog/home.ts'
import { tenantSettings } from '#catalog/tenant-settings.ts'
import { listTriggers } from '#catalog/triggers.ts'
import { seenRows } from '#model/seen-rows.ts'
import { visibleParts } from '#operations/datasets/visible.ts'
import { freshnessData, toFreshnessData } from '#operations/freshness/freshness-data.ts'
import { defineOperation } from '#operations/operation.ts'

/** More than that on one day is told as that many. */
const COUNTED_MOST = 100
const SOURCES_MAX = 50

export const homeArrivals = defineOperation({
  name: 'home.arrivals',
  summary: 'What arrived of each source on each of the last days, and whether it is fresh enough',
  permission: 'read',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/home/arrivals' },
  input: z.strictObject({
    days: z.int().min(1).max(90).default(30).describe('How many days, today included.'),
  }),
  output: z.object({
    /** Zone whose days these are. */
    zone: z.string(),
    /** The days, oldest first: `2026-11-22`. */
    days: z.array(z.string()),
    /** More partitions than that on one day are not counted further. */
    countedMost: z.int(),
    sources: z.array(
      z.object({
        dataset: z.string(),
        description: z.string(),
        /** Partitions published on each of the days. */
        publishes: z.array(z.int()),
        /** The rule about its age; null: none. */
        freshness: freshnessData.nullable(),
      }),
    ),
  }),
  async handler({ days }, { parts, caller }) {
    const sources = visibleParts(parts, caller)
      .factory.datasets.filter((definition) => definition.kind === 'source')
      .filter(({ reference }) => !reference)
      // When partitions arrive tells of those that somebody may not see.
      .filter(({ name }) => seenRows(caller.access, name) === null)
      .slice(0, SOURCES_MAX)
    const names = sources.map(({ name }) => name)
    return parts.catalog.asTenant(caller.tenant, async (session) => {
      const { timeZone: zone } = await tenantSettings(session)
      const asked = { days, zone, countedMost: COUNTED_MOST }
      const arrived = await arrivalDays(session, names, asked)
      const rules = await listTriggers(session, 'freshness')
      const byDataset = Map.groupBy(arrived, ({ dataset }) => dataset)
      const [first = []] = byDataset.values()
      return {
        zone,
        days: first.map(({ day }) => day),
        countedMost: COUNTED_MOST,
        sources: sources.map(({ name, description }) => {
          const rule = rules.find((trigger) => trigger.name === name)
          return {
            dataset: name,
            description,
            publishes: (byDataset.get(name) ?? []).map(({ publishes }) => publishes),
            freshness: rule ? toFreshnessData(rule) : null,
          }
        }),
      }
    })
  },
})
