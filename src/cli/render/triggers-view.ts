import type { z } from 'zod'

import { marks, paint, type Look, type Tone } from '#cli/render/look.ts'
import { renderTable, type Cell, type TableColumn } from '#cli/render/table.ts'
import { harmless } from '#cli/render/text.ts'
import { counted, formatAge, formatInstant, formatUntil } from '#cli/render/units.ts'
import { formatCount, formatDuration } from '#kernel/units.ts'
import type { listFreshness } from '#operations/freshness/list.ts'
import type { listSchedules } from '#operations/schedules/list.ts'
import type { nextTimes } from '#operations/schedules/next.ts'
import type { FiringData, ScheduleData } from '#operations/schedules/schedule-data.ts'
import type { showSchedule } from '#operations/schedules/show.ts'
import type { listSensors } from '#operations/sensors/list.ts'

export function renderSchedules(
  look: Look,
  { schedules }: z.output<(typeof listSchedules)['output']>,
  now: Date,
): string[] {
  if (schedules.length === 0) return ['  No schedules: `millrace schedules create --help`.']
  const columns = [
    { title: 'schedule', tone: 'strong' },
    { title: 'next (UTC)', fixed: true },
    { title: '', fixed: true, tone: 'faint' },
    { title: 'cron', fixed: true },
    { title: 'zone', fixed: true },
    { title: 'starts' },
  ] as const
  const rows = schedules.map((schedule): Cell[] => [
    schedule.name,
    stateOf(schedule.pausedAt, schedule.nextAt),
    schedule.pausedAt === null && schedule.nextAt !== null ? formatUntil(schedule.nextAt, now) : '',
    schedule.cron,
    schedule.zone,
    schedule.starts,
  ])
  const errors = schedules.map(({ name, error }) => ({ name, error }))
  return [...renderTable(look, columns, rows), ...errorLines(look, errors)]
}

export function renderSchedule(
  look: Look,
  { schedule, firings }: z.output<(typeof showSchedule)['output']>,
  now: Date,
): string[] {
  const columns = [
    { title: 'due (UTC)', fixed: true },
    { title: '', fixed: true },
    { title: 'why', fixed: true },
    { title: 'started', fixed: true },
    { title: '' },
  ] as const
  const rows = firings.map((firing): Cell[] => [
    formatInstant(firing.dueAt),
    { text: firing.state, tone: firingTones[firing.state] },
    firing.cause,
    firing.runId ?? firing.tasks.join(', '),
    firing.detail ?? '',
  ])
  return [
    ...renderSchedules(look, { schedules: [schedule] }, now),
    `  ${rulesOf(schedule)}`,
    ...(firings.length === 0 ? [] : ['', ...renderTable(look, columns, rows)]),
  ]
}

function rulesOf({ overlap, catchUp, catchUpMost, jitterMs }: ScheduleData): string {
  return [
    `overlap ${overlap}`,
    `catch-up ${catchUp}${catchUp === 'all' ? ` (at most ${catchUpMost})` : ''}`,
    ...(jitterMs > 0 ? [`up to ${formatDuration(jitterMs)} later`] : []),
  ].join(' · ')
}

const firingTones: Readonly<Record<FiringData['state'], Tone>> = {
  queued: 'info',
  started: 'info',
  ran: 'good',
  posted: 'good',
  nothing: 'faint',
  skipped: 'notice',
  missed: 'notice',
  failed: 'bad',
}

export function renderNextTimes(
  look: Look,
  { zone, times }: z.output<(typeof nextTimes)['output']>,
  now: Date,
): string[] {
  if (times.length === 0) return ['  It never fires again.']
  const hasPartitions = times.some(({ partition }) => partition !== null)
  const columns: TableColumn[] = [
    { title: `at (${zone})`, fixed: true, tone: 'strong' },
    { title: 'UTC', fixed: true },
    { title: '', fixed: true, tone: 'faint' },
    ...(hasPartitions ? [{ title: 'partition' }] : []),
  ]
  const rows = times.map(({ at, wall, partition }): Cell[] => [
    wall,
    formatInstant(at),
    formatUntil(at, now),
    ...(hasPartitions ? [partition ?? ''] : []),
  ])
  return renderTable(look, columns, rows)
}

export function renderSensors(
  look: Look,
  { sensors }: z.output<(typeof listSensors)['output']>,
  now: Date,
): string[] {
  if (sensors.length === 0) return ['  No sensors: `millrace sensors create --help`.']
  const columns = [
    { title: 'source', tone: 'strong' },
    { title: 'every', align: 'right', fixed: true },
    { title: 'looked', fixed: true },
    { title: 'objects', align: 'right', fixed: true },
    { title: 'new', align: 'right', fixed: true },
    { title: 'next (UTC)', fixed: true },
    { title: 'failed looks', align: 'right', fixed: true },
  ] as const
  const rows = sensors.map((sensor): Cell[] => [
    sensor.source,
    formatDuration(sensor.everyMs),
    sensor.lookedAt === null ? 'not yet' : formatAge(sensor.lookedAt, now),
    sensor.objects === null ? '' : formatCount(sensor.objects),
    sensor.arrived === null ? '' : formatCount(sensor.arrived),
    stateOf(sensor.pausedAt, sensor.nextAt),
    sensor.failures === 0 ? '' : { text: formatCount(sensor.failures), tone: 'bad' },
  ])
  const errors = sensors.map(({ source, error }) => ({ name: source, error }))
  return [...renderTable(look, columns, rows), ...errorLines(look, errors)]
}

export function renderFreshness(
  look: Look,
  { rules }: z.output<(typeof listFreshness)['output']>,
): string[] {
  if (rules.length === 0) return ['  No rules: `millrace freshness set --help`.']
  const columns = [
    { title: '', fixed: true },
    { title: 'dataset', tone: 'strong' },
    { title: 'at most', align: 'right', fixed: true },
    { title: 'newest', fixed: true },
    { title: 'too old (UTC)', fixed: true },
    { title: 'rule of', fixed: true },
  ] as const
  const rows = rules.map((rule): Cell[] => {
    const isBreached = rule.state === 'breached'
    const since = rule.breachAt === null ? '' : formatInstant(rule.breachAt)
    return [
      isBreached ? { text: marks.failed, tone: 'bad' } : { text: marks.done, tone: 'good' },
      rule.dataset,
      formatDuration(rule.maxAgeMs),
      rule.newest ?? 'nothing yet',
      isBreached ? { text: `since ${since}`, tone: 'bad' } : since === '' ? '' : `from ${since}`,
      rule.origin,
    ]
  })
  const breached = rules.filter(({ state }) => state === 'breached').length
  const foot =
    breached === 0
      ? []
      : [`  ${paint(look, 'bad', marks.warning)} ${counted(breached, 'dataset')} too old`]
  return [...renderTable(look, columns, rows), ...foot]
}

function stateOf(pausedAt: string | null, nextAt: string | null): Cell {
  if (pausedAt !== null) return { text: 'paused', tone: 'notice' }
  return nextAt === null ? { text: 'never again', tone: 'faint' } : formatInstant(nextAt)
}

function errorLines(
  look: Look,
  all: readonly { readonly name: string; readonly error: string | null }[],
): string[] {
  return all.flatMap(({ name, error }) =>
    error === null
      ? []
      : [`  ${paint(look, 'bad', marks.failed)} ${harmless(`${name}: ${error}`)}`],
  )
}
