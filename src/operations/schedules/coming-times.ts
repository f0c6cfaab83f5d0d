import { cronTimes } from '#triggers/cron.ts'
import { fillDueText } from '#triggers/due-text.ts'
import { wallClock } from '#triggers/wall-clock.ts'

/** A due time that has not come yet. */
export interface ComingTime {
  readonly at: string
  /** As the wall of its zone shows it: `2021-04-17 02:30`. */
  readonly wall: string
  readonly partition: string | null
}

/** Next first. Throws `cron-invalid`, `zone-unknown`, and what a partition that is none throws. */
export function comingTimes(
  rule: { readonly cron: string; readonly zone: string; readonly partition: string | null },
  now: Date,
  count: number,
): ComingTime[] {
  const { cron, zone, partition } = rule
  const due = cronTimes(cron, zone)
  const times: ComingTime[] = []
  for (let at = due.after(now); at !== null && times.length < count; at = due.after(at)) {
    const wall = new Date(wallClock(zone).wallAt(at.getTime())).toISOString()
    times.push({
      at: at.toISOString(),
      wall: wall.slice(0, 16).replace('T', ' '),
      partition: partition === null ? null : fillDueText(partition, at, zone),
    })
  }
  return times
}
