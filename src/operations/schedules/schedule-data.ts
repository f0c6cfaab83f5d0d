import { z } from 'zod'

import type { Trigger } from '#catalog/triggers.ts'
import { taskName } from '#catalog/background-ids.ts'
import type { Firing } from '#catalog/trigger-firings.ts'
import type { ScheduleDefinition } from '#triggers/schedule.ts'

export const triggerNameField = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'is no name: letters, digits, ".", "_" and "-"')
  .meta({ names: 'schedule' })
  .describe('Name of the schedule.')

export const scheduleData = z
  .object({
    name: z.string(),
    cron: z.string(),
    zone: z.string(),
    overlap: z.enum(['skip', 'queue', 'cancel-other']),
    catchUp: z.enum(['none', 'last', 'all']),
    catchUpMost: z.int(),
    jitterMs: z.number(),
    /** What it starts: a region, or tasks by name. */
    starts: z.string(),
    createdBy: z.string(),
    createdAt: z.iso.datetime(),
    pausedAt: z.iso.datetime().nullable(),
    pausedBy: z.string().nullable(),
    /** When it fires next; null: paused, or never again. */
    nextAt: z.iso.datetime().nullable(),
    error: z.string().nullable(),
  })
  .meta({ entity: 'Schedule' })
export type ScheduleData = z.output<typeof scheduleData>

export function toScheduleData(trigger: Trigger): ScheduleData {
  const { cron, zone, overlap, catchUp, catchUpMost, jitterMs, starts } =
    trigger.definition as ScheduleDefinition
  return {
    name: trigger.name,
    cron,
    zone,
    overlap,
    catchUp,
    catchUpMost,
    jitterMs,
    starts: startsText(starts),
    createdBy: trigger.createdBy,
    createdAt: trigger.createdAt.toISOString(),
    pausedAt: trigger.pausedAt?.toISOString() ?? null,
    pausedBy: trigger.pausedBy,
    nextAt: trigger.nextAt?.toISOString() ?? null,
    error: trigger.error?.message ?? null,
  }
}

function startsText(starts: ScheduleDefinition['starts']): string {
  if (starts.kind === 'tasks') return `tasks ${starts.tasks.map(({ name }) => name).join(', ')}`
  const what = starts.datasets.length > 0 ? starts.datasets.join(' ') : 'everything'
  return `${starts.mode} ${what}${starts.partition === null ? '' : ` ${starts.partition}`}`
}

export const firingData = z.object({
  dueAt: z.iso.datetime(),
  cause: z.enum(['due', 'caught-up', 'manual']),
  state: z.enum(['queued', 'started', 'ran', 'posted', 'nothing', 'skipped', 'missed', 'failed']),
  runId: z.string().nullable(),
  tasks: z.array(z.string()),
  detail: z.string().nullable(),
})
export type FiringData = z.output<typeof firingData>

export function toFiringData(firing: Firing): FiringData {
  const { dueAt, cause, state, runId, posted, detail } = firing
  return { dueAt: dueAt.toISOString(), cause, state, runId, tasks: posted.map(taskName), detail }
}
