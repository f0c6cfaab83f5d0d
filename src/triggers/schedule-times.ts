import type { DueTrigger, NewFiring, TriggerMove } from '#catalog/trigger-queue.ts'
import { sha256 } from '#kernel/hash.ts'
import { cronTimes, dueBetween, type CronTimes } from '#triggers/cron.ts'
import type { ScheduleDefinition } from '#triggers/schedule.ts'

/** A due time that is noticed so much later was missed: nobody was there to see it. */
const ON_TIME_MS = 60_000
const LISTED_MOST = 1_000
const NAMED_MOST = 10

/** By how much a schedule fires later than its due times: equal for each of them. */
export function jitterOf(id: string, { jitterMs }: ScheduleDefinition): number {
  if (jitterMs === 0) return 0
  const share = parseInt(sha256(id).slice(0, 8), 16) / 2 ** 32
  return Math.floor(share * jitterMs)
}

/** The first due time after an instant, and when it fires. */
export function nextFiring(
  id: string,
  definition: ScheduleDefinition,
  after: Date,
): { readonly dueAt: Date | null; readonly nextAt: Date | null } {
  const dueAt = cronTimes(definition.cron, definition.zone).after(after)
  const nextAt = dueAt && new Date(dueAt.getTime() + jitterOf(id, definition))
  return { dueAt, nextAt }
}

/**
 * What follows for a schedule whose time has come: which of the due times since then fire, which
 * were missed (named in one entry), and when it is looked at next.
 */
export function moveSchedule(trigger: DueTrigger): {
  readonly move: TriggerMove
  readonly firings: readonly NewFiring[]
} {
  const { tenantId, id, now } = trigger
  const definition = trigger.definition as ScheduleDefinition
  const times = cronTimes(definition.cron, definition.zone)
  const jitterMs = jitterOf(id, definition)
  const until = new Date(now.getTime() - jitterMs)
  const first = trigger.dueAt ?? until
  const since = dueBetween(times, first, until, LISTED_MOST)
  const due = since.more ? newestDue(times, until, definition.catchUpMost) : [first, ...since.due]
  const newest = due.at(-1) as Date
  const isOnTime = until.getTime() - newest.getTime() <= ON_TIME_MS
  const fired = due.slice(due.length - numberFired(definition, isOnTime, due.length))
  const missed = due.slice(0, due.length - fired.length)
  const firings: NewFiring[] = fired.map((dueAt) => ({
    tenantId,
    triggerId: id,
    dueAt,
    cause: isOnTime && dueAt === newest ? 'due' : 'caught-up',
    state: 'started',
  }))
  const last = missed.at(-1)
  if (last) {
    const detail = missedText(missed, since.more ? first : null)
    firings.unshift({ tenantId, triggerId: id, dueAt: last, cause: 'due', state: 'missed', detail })
  }
  const next = nextFiring(id, definition, newest)
  return { move: { tenantId, id, ...next }, firings }
}

function numberFired(
  { catchUp, catchUpMost }: ScheduleDefinition,
  isOnTime: boolean,
  due: number,
): number {
  if (catchUp === 'all') return Math.min(catchUpMost, due)
  return catchUp === 'last' || isOnTime ? 1 : 0
}

/** The newest due times up to an instant, where there are too many to list them all. */
function newestDue(times: CronTimes, until: Date, least: number): Date[] {
  let found: readonly Date[] = []
  for (const seconds of [60, 3_600, 86_400, 32 * 86_400, 366 * 86_400, 5 * 366 * 86_400]) {
    const from = new Date(until.getTime() - seconds * 1000)
    found = dueBetween(times, from, until, 10 * LISTED_MOST).due
    if (found.length > least) break
  }
  return found.slice(-(least + 1))
}

function missedText(missed: readonly Date[], since: Date | null): string {
  const names = missed.slice(-NAMED_MOST).map((time) => time.toISOString())
  if (since)
    return `more than ${LISTED_MOST} since ${since.toISOString()}, the last ${names.at(-1)}`
  const more = missed.length - names.length
  return `${missed.length} missed: ${more > 0 ? `${more} others, ` : ''}${names.join(', ')}`
}
