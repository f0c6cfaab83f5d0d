import { z } from 'zod'

import { arrivalDays, sourceTotals, type ArrivalDay, type SourceTotals } from '#catalog/arrivals.ts'
import { allSourceOptions } from '#catalog/options.ts'
import { laneWaits, type LaneWait } from '#catalog/lane-waits.ts'
import { listTriggers } from '#catalog/triggers.ts'
import { isLimited } from '#model/access.ts'
import type { SourceDefinition } from '#model/definition.ts'
import { toFreshnessData, type FreshnessData } from '#operations/freshness/freshness-data.ts'
import { defineOperation } from '#operations/operation.ts'
import { countedDatasets, lastDays } from '#operations/quality/scope.ts'
import { toSensorData, type SensorData } from '#operations/sensors/sensor-data.ts'

const states = ['good', 'empty', 'late', 'held', 'failing', 'unconfigured'] as const

const DAYS = 14

export const listSources = defineOperation({
  name: 'sources.list',
  summary:
    'All sources: what came in of late, what of it was held back, when they are looked at next',
  permission: 'read',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/sources' },
  input: z.strictObject({}),
  output: z.object({
    sources: z.array(
      z.object({
        source: z.string(),
        description: z.string(),
        pack: z.string(),
        grain: z.string(),
        /** `csv`, `ndjson` or `json`. */
        format: z.string(),
        /** Rows are sent to it; else it reads objects. */
        isAppended: z.boolean(),
        /** Names of the columns that it declares. */
        columns: z.array(z.string()),
        /** The worst that can be said of it, in the order of the values the other way round. */
        state: z.enum(states),
        /** Where its objects lie; null: nowhere yet, or not for whoever asks. */
        location: z.string().nullable(),
        partitions: z.int(),
        failed: z.int(),
        held: z.int(),
        /** Of what is published. */
        rows: z.int(),
        received: z.int(),
        accepted: z.int(),
        repaired: z.int(),
        quarantined: z.int(),
        newest: z.string().nullable(),
        arrivedAt: z.iso.datetime().nullable(),
        lookedAt: z.string().nullable(),
        /** When its sensor looks next; null: it has none, or rests. */
        nextAt: z.iso.datetime().nullable(),
        problem: z.string().nullable(),
        freshness: z
          .object({
            maxAgeMs: z.number(),
            state: z.enum(['kept', 'breached']),
            breachAt: z.string().nullable(),
          })
          .nullable(),
        /** The last 14 days of the tenant's zone, the oldest first. */
        days: z.array(
          z.object({
            day: z.string(),
            arrivals: z.int(),
            received: z.int(),
            quarantined: z.int(),
          }),
        ),
      }),
    ),
  }),
  async handler(_input, { parts, caller }) {
    const sources = countedDatasets(parts, caller, undefined).filter(
      (one): one is SourceDefinition => one.kind === 'source' && !one.reference,
    )
    const datasets = sources.map(({ name }) => name)
    const { zone, since, days } = await lastDays(parts, caller, DAYS)
    const appended = sources.filter(({ append }) => append).map(({ name }) => name)
    const known = await parts.catalog.asTenant(caller.tenant, async (session) => ({
      totals: await sourceTotals(session, datasets),
      arrivals: await arrivalDays(session, { datasets, appended, since, zone }),
      sensors: (await listTriggers(session, 'sensor')).map(toSensorData),
      rules: (await listTriggers(session, 'freshness')).map(toFreshnessData),
      options: await allSourceOptions(session),
      waits: await laneWaits(session, appended),
    }))
    const mayLook = !isLimited(caller.access)
    return {
      sources: sources.map((source) => {
        const { name } = source
        const location = known.options.get(name)?.['location'] ?? source.location ?? null
        const facts: Facts = {
          location: typeof location === 'string' ? location : null,
          totals: known.totals.find(({ dataset }) => dataset === name),
          sensor: known.sensors.find((sensor) => sensor.source === name),
          rule: known.rules.find(({ dataset }) => dataset === name),
          wait: known.waits.find(({ dataset }) => dataset === name),
        }
        return {
          ...about(source, facts, mayLook),
          days: days.map((day) => onDay(known.arrivals, name, day)),
        }
      }),
    }
  },
})

interface Facts {
  readonly location: string | null
  readonly totals: SourceTotals | undefined
  readonly sensor: SensorData | undefined
  readonly rule: FreshnessData | undefined
  readonly wait: LaneWait | undefined
}

function about(source: SourceDefinition, facts: Facts, mayLook: boolean) {
  const { location, totals, sensor, rule, wait } = facts
  const { name, description, pack, partitioning, format, append } = source
  return {
    source: name,
    description,
    pack,
    grain: partitioning.grain,
    format: format.kind,
    isAppended: append !== undefined,
    columns: source.columns.map((column) => column.name),
    state: stateOf(source, facts),
    location: mayLook ? location : null,
    partitions: totals?.partitions ?? 0,
    failed: totals?.failed ?? 0,
    held: totals?.held ?? 0,
    rows: totals?.rows ?? 0,
    received: totals?.received ?? 0,
    accepted: totals?.accepted ?? 0,
    repaired: totals?.repaired ?? 0,
    quarantined: totals?.quarantined ?? 0,
    newest: totals?.newest ?? null,
    arrivedAt: totals?.arrivedAt?.toISOString() ?? null,
    lookedAt: sensor?.lookedAt ?? null,
    nextAt: sensor?.nextAt ?? null,
    problem: mayLook ? (sensor?.error ?? wait?.error?.message ?? null) : null,
    freshness: rule
      ? { maxAgeMs: rule.maxAgeMs, state: rule.state, breachAt: rule.breachAt }
      : null,
  }
}

function stateOf(source: SourceDefinition, facts: Facts): (typeof states)[number] {
  const { location, totals, sensor, rule, wait } = facts
  if (location === null && !source.append) return 'unconfigured'
  if ((totals?.failed ?? 0) > 0 || (sensor?.failures ?? 0) > 0) return 'failing'
  if ((wait?.failures ?? 0) > 0) return 'failing'
  if ((totals?.held ?? 0) > 0) return 'held'
  if (rule?.state === 'breached') return 'late'
  return (totals?.partitions ?? 0) === 0 ? 'empty' : 'good'
}

function onDay(arrivals: readonly ArrivalDay[], dataset: string, day: string) {
  const found = arrivals.find((one) => one.dataset === dataset && one.day === day)
  return {
    day,
    arrivals: found?.arrivals ?? 0,
    received: found?.received ?? 0,
    quarantined: found?.quarantined ?? 0,
  }
}
