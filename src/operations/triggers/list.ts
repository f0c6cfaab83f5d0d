import { z } from 'zod'

import { listTimedTriggers, type TimedTrigger } from '#catalog/trigger-timeline.ts'
import { catalogNow, type TriggerKind } from '#catalog/triggers.ts'
import { defineOperation } from '#operations/operation.ts'
import { cronTimes } from '#triggers/cron.ts'
import type { FreshnessDefinition, FreshnessState } from '#triggers/freshness.ts'
import type { ScheduleDefinition } from '#triggers/schedule.ts'
import type { SensorDefinition } from '#triggers/sensor.ts'

const HOUR_MS = 3_600_000
const COMING_MAX = 50
const kinds = ['schedule', 'sensor', 'freshness'] as const

export const listAllTriggers = defineOperation({
  name: 'triggers.list',
  summary: 'Schedules, sensors and freshness rules on one time line: what they did and what comes',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/triggers' },
  input: z.strictObject({
    backHours: z.int().min(1).max(2_160).default(24).describe('What they did so many hours back.'),
    aheadHours: z.int().min(0).max(2_160).default(24).describe('What comes within so many hours.'),
    cursor: z
      .string()
      .regex(/^(schedule|sensor|freshness)\/.{1,200}$/)
      .optional()
      .describe('Where the former answer ended (`next`).'),
    limit: z.int().min(1).max(500).default(100).describe('Most triggers of the answer.'),
  }),
  output: z.object({
    from: z.iso.datetime(),
    now: z.iso.datetime(),
    until: z.iso.datetime(),
    triggers: z.array(
      z.object({
        kind: z.enum(kinds),
        /** Of a sensor its source, of a freshness rule its dataset. */
        name: z.string(),
        pausedAt: z.iso.datetime().nullable(),
        nextAt: z.iso.datetime().nullable(),
        problem: z.string().nullable(),
        /** The rule itself: cron and zone of a schedule; the others have a span in milliseconds. */
        cron: z.string().nullable(),
        zone: z.string().nullable(),
        everyMs: z.number().nullable(),
        maxAgeMs: z.number().nullable(),
        /** Of a freshness rule: since when its dataset is too old, or when it will be. */
        breachAt: z.string().nullable(),
        isBreached: z.boolean(),
        /** Newest first, at most 100. Of a sensor: runs that it started. */
        done: z.array(
          z.object({
            at: z.iso.datetime(),
            state: z.enum([
              'queued',
              'started',
              'ran',
              'posted',
              'nothing',
              'skipped',
              'missed',
              'failed',
            ]),
            run: z.string().nullable(),
            /** How the run is that it started; null: none, or it is gone. */
            runState: z.enum(['running', 'done', 'failed', 'cancelled']).nullable(),
          }),
        ),
        /** Next first, at most 50. */
        coming: z.array(z.iso.datetime()),
      }),
    ),
    next: z.string().nullable(),
  }),
  async handler({ backHours, aheadHours, cursor, limit }, { parts, caller }) {
    const { now, found } = await parts.catalog.asTenant(caller.tenant, async (session) => {
      const clock = await catalogNow(session)
      const since = new Date(clock.getTime() - backHours * HOUR_MS)
      const after = cursor === undefined ? null : placeOf(cursor)
      return {
        now: clock,
        found: await listTimedTriggers(session, { since, after, limit: limit + 1 }),
      }
    })
    const until = new Date(now.getTime() + aheadHours * HOUR_MS)
    const page = found.slice(0, limit)
    const last = page.at(-1)
    return {
      from: new Date(now.getTime() - backHours * HOUR_MS).toISOString(),
      now: now.toISOString(),
      until: until.toISOString(),
      triggers: page.map((trigger) => toData(trigger, now, until)),
      next: found.length > limit && last ? `${last.kind}/${last.name}` : null,
    }
  },
})

function placeOf(cursor: string): { kind: TriggerKind; name: string } {
  const slash = cursor.indexOf('/')
  return { kind: cursor.slice(0, slash) as TriggerKind, name: cursor.slice(slash + 1) }
}

function toData(trigger: TimedTrigger, now: Date, until: Date) {
  const { kind, name, pausedAt, nextAt, problem, dots } = trigger
  return {
    kind,
    name,
    pausedAt: pausedAt?.toISOString() ?? null,
    nextAt: nextAt?.toISOString() ?? null,
    problem,
    ...ruleOf(trigger),
    done: dots.map(({ at, state, runId, runState }) => ({
      at: new Date(at).toISOString(),
      state,
      run: runId,
      runState,
    })),
    coming: pausedAt === null ? comingOf(trigger, now, until) : [],
  }
}

function ruleOf({ kind, definition, state }: TimedTrigger) {
  const schedule = kind === 'schedule' ? (definition as ScheduleDefinition) : null
  const age = state as Partial<FreshnessState>
  return {
    cron: schedule?.cron ?? null,
    zone: schedule?.zone ?? null,
    everyMs: kind === 'sensor' ? (definition as SensorDefinition).everyMs : null,
    maxAgeMs: kind === 'freshness' ? (definition as FreshnessDefinition).maxAgeMs : null,
    breachAt: kind === 'freshness' ? (age.breachAt ?? null) : null,
    isBreached: kind === 'freshness' && age.state === 'breached',
  }
}

function comingOf({ kind, definition, nextAt, state }: TimedTrigger, now: Date, until: Date) {
  const times: string[] = []
  if (kind === 'schedule') {
    const { cron, zone } = definition as ScheduleDefinition
    const due = cronTimes(cron, zone)
    for (let at = due.after(now); at !== null && at <= until; at = due.after(at)) {
      if (times.push(at.toISOString()) === COMING_MAX) break
    }
  } else if (kind === 'sensor') {
    const { everyMs } = definition as SensorDefinition
    let at = nextAt?.getTime() ?? Infinity
    for (; at <= until.getTime() && times.length < COMING_MAX; at += everyMs) {
      times.push(new Date(at).toISOString())
    }
  } else {
    const { breachAt } = state as Partial<FreshnessState>
    const at = breachAt ? new Date(breachAt) : null
    if (at !== null && at > now && at <= until) times.push(at.toISOString())
  }
  return times
}
