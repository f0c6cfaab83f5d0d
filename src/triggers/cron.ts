import { Cron } from 'croner'

import { MillraceError } from '#kernel/errors.ts'
import { wallClock } from '#triggers/wall-clock.ts'

/**
 * Times of a cron expression in a time zone. The expression speaks of the clock on the wall:
 *
 * - A time that does not exist, because the clock is put forward over it, is due at the first
 *   instant after the gap; several such times are due there once.
 * - A time that exists twice, because the clock is put back over it, is due the first time only;
 *   where the hour is open (`*` or a step of it) both times, so that hourly work goes on hour by hour.
 */
export interface CronTimes {
  /** The first due time after this instant; null: there is none any more. */
  after(instant: Date): Date | null
}

const nicknames: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

/** Throws `cron-invalid`, `zone-unknown`. */
export function cronTimes(expression: string, zone: string): CronTimes {
  const clock = wallClock(zone)
  const { pattern, isHourOpen } = parseCron(expression)

  /** Instants at which the wall time is due, in order. */
  function dueAt(wallMs: number): readonly number[] {
    const { at, gapEndMs } = clock.instantsOf(wallMs)
    if (gapEndMs !== null) return [gapEndMs]
    return isHourOpen ? at : at.slice(0, 1)
  }

  return {
    after(instant) {
      const afterMs = instant.getTime()
      // Before what the wall shows lie times that it will show once more.
      const begin = clock.wallAt(afterMs) - clock.setBackAround(afterMs) - 1
      let best: number | null = null
      let wall = pattern.nextRun(new Date(begin))
      while (wall !== null) {
        const due = dueAt(wall.getTime())
        const next = due.find((ms) => ms > afterMs)
        if (next !== undefined && (best === null || next < best)) best = next
        // First showings come in the order of the wall.
        if (best !== null && (due[0] as number) >= best) break
        wall = pattern.nextRun(wall)
      }
      return best === null ? null : new Date(best)
    },
  }
}

function parseCron(expression: string): { pattern: Cron; isHourOpen: boolean } {
  const text = nicknames[expression.trim().toLowerCase()] ?? expression.trim()
  const fields = text.split(/\s+/)
  try {
    if (fields.length !== 5 && fields.length !== 6) {
      throw new Error(`it has ${fields.length} fields, not 5 or, with seconds first, 6`)
    }
    const pattern = new Cron(text, { timezone: 'UTC', paused: true })
    const hour = fields.at(-4) as string
    return { pattern, isHourOpen: hour.startsWith('*') }
  } catch (error) {
    const problem = (error as Error).message.replace(/^CronPattern: /, '')
    throw new MillraceError('cron-invalid', { expression, problem }, { cause: error })
  }
}

/** Due times in (from, to], at most so many of the earliest; `more`: there are others. */
export function dueBetween(
  times: CronTimes,
  from: Date,
  to: Date,
  most: number,
): { readonly due: readonly Date[]; readonly more: boolean } {
  const due: Date[] = []
  for (let next = times.after(from); next !== null && next <= to; next = times.after(next)) {
    if (due.length === most) return { due, more: true }
    due.push(next)
  }
  return { due, more: false }
}
