import { z } from 'zod'

import { tenantSettings } from '#catalog/tenant-settings.ts'
import { catalogNow, createTrigger, getTrigger } from '#catalog/triggers.ts'
import { MillraceError } from '#kernel/errors.ts'
import { parseDuration } from '#kernel/duration.ts'
import type { Tenant } from '#model/tenant.ts'
import { defineOperation } from '#operations/operation.ts'
import { definitionOf } from '#operations/partition-input.ts'
import type { Parts } from '#operations/parts.ts'
import { regionFields } from '#operations/plans/plan-request.ts'
import {
  scheduleData,
  toScheduleData,
  triggerNameField,
} from '#operations/schedules/schedule-data.ts'
import { taskRequest } from '#tasks/task-request.ts'
import { cronTimes } from '#triggers/cron.ts'
import { assertDueText, fillDueText } from '#triggers/due-text.ts'
import { requestOf } from '#triggers/region-request.ts'
import { nextFiring } from '#triggers/schedule-times.ts'
import type { ScheduleDefinition } from '#triggers/schedule.ts'

const partition = z
  .string()
  .min(1)
  .max(2000)
  .optional()
  .describe(
    'As partitions are written, relative to the due time: {month-1} is the last closed month, {day-7}..{day-1} the last seven days.',
  )

export const createSchedule = defineOperation({
  name: 'schedules.create',
  summary: 'Start a region, or tasks, again and again by a cron expression',
  permission: 'run',
  audit: ['name', 'cron', 'zone'],
  rest: { method: 'POST', path: '/v1/schedules' },
  input: z.strictObject({
    name: triggerNameField,
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
    ...regionFields,
    partition,
    tasks: z
      .array(taskRequest)
      .min(1)
      .max(100)
      .optional()
      .describe(
        'Background tasks in place of a region; texts in payloads may hold {due}, {day-1}.',
      ),
    overlap: z
      .enum(['skip', 'queue', 'cancel-other'])
      .default('skip')
      .describe('When a former firing still works: leave this one out, wait, or end the former.'),
    catchUp: z
      .enum(['none', 'last', 'all'])
      .default('last')
      .describe('Which due times are made up for that came while no scheduler ran.'),
    catchUpMost: z.int().min(1).max(1000).default(100).describe('Of `all` the newest so many.'),
    jitter: z
      .string()
      .max(20)
      .optional()
      .describe('Up to so long after its time, always by the same part of it: 30s, 10m.'),
  }),
  output: scheduleData,
  async handler(input, { parts, caller }) {
    const zone = input.zone ?? (await zoneOf(parts, caller.tenant))
    const definition = definitionFrom(parts, { ...input, zone })
    const id = parts.ids.next('sch')
    const trigger = await parts.catalog.asTenant(caller.tenant, async (session) => {
      const now = await catalogNow(session)
      if (cronTimes(definition.cron, definition.zone).after(now) === null) {
        throw new MillraceError('cron-invalid', {
          expression: definition.cron,
          problem: 'no time is like that any more',
        })
      }
      await createTrigger(session, {
        id,
        kind: 'schedule',
        name: input.name,
        definition,
        createdBy: caller.name,
        ...nextFiring(id, definition, now),
      })
      return getTrigger(session, 'schedule', input.name)
    })
    const { slug } = caller.tenant
    parts.log.info('schedule created', { schedule: input.name, tenant: slug, by: caller.name })
    return toScheduleData(trigger)
  },
})

type ScheduleInput = Omit<z.output<(typeof createSchedule)['input']>, 'name' | 'zone'> & {
  readonly zone: string
}

async function zoneOf({ directory }: Parts, tenant: Tenant): Promise<string> {
  return (await directory.asTenant(tenant, tenantSettings)).timeZone
}

/** Everything that can be wrong is said now, not in the night in which it would be found out. */
function definitionFrom(parts: Parts, input: ScheduleInput): ScheduleDefinition {
  const { cron, zone, overlap, catchUp, catchUpMost, tasks } = input
  cronTimes(cron, zone)
  const jitterMs = jitterFrom(input.jitter)
  const same = { cron, zone, overlap, catchUp, catchUpMost, jitterMs }
  const { datasets, mode, only, upstream, downstream, order } = input
  if (tasks) {
    if (datasets.length > 0 || input.partition !== undefined) {
      throw new MillraceError('region-unclear', {
        message: 'a schedule starts a region or tasks, not both',
      })
    }
    return { ...same, starts: { kind: 'tasks', tasks } }
  }
  for (const dataset of datasets) definitionOf(parts, dataset)
  const starts = {
    kind: 'run' as const,
    datasets,
    partition: input.partition ?? null,
    mode,
    only,
    upstream,
    downstream,
    order,
  }
  if (starts.partition !== null) {
    assertDueText(starts.partition)
    const filled = fillDueText(starts.partition, parts.clock.now(), zone)
    requestOf({ ...starts, partition: filled }, parts.factory.datasets)
  }
  return { ...same, starts }
}

const JITTER_MOST_MS = 86_400_000

function jitterFrom(text: string | undefined): number {
  if (text === undefined) return 0
  const ms = parseDuration(text)
  if (ms !== null && ms >= 0 && ms <= JITTER_MOST_MS) return ms
  throw new MillraceError('trigger-invalid', {
    field: 'jitter',
    value: text,
    problem: 'it is no time up to a day',
    wayOut: 'Write it as 30s, 10m or 2h.',
  })
}
