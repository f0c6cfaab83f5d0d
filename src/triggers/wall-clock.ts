import { MillraceError } from '#kernel/errors.ts'

/**
 * What the clock on the wall shows in a time zone, and when. A *wall time* is written as the
 * milliseconds of the UTC instant that reads alike: 02:30 anywhere is 02:30Z.
 */
export interface WallClock {
  readonly zone: string
  /** What it shows at an instant. */
  wallAt(instantMs: number): number
  /**
   * When it shows this, in order: once; twice where the clock is put back over it; never where it is
   * put forward over it: then `gapEndMs` is the first instant after.
   */
  instantsOf(wallMs: number): { readonly at: readonly number[]; readonly gapEndMs: number | null }
  /** By how much the clock is put back within a day of this instant, in milliseconds; mostly 0. */
  setBackAround(instantMs: number): number
}

const DAY_MS = 86_400_000
const clocks = new Map<string, WallClock>()

/** Throws `zone-unknown`. */
export function wallClock(zone: string): WallClock {
  const known = clocks.get(zone)
  if (known) return known
  const clock = openWallClock(zone)
  clocks.set(zone, clock)
  return clock
}

function openWallClock(zone: string): WallClock {
  const format = formatOf(zone)

  function wallAt(instantMs: number): number {
    const seconds = Math.floor(instantMs / 1000)
    const part = new Map(format.formatToParts(seconds * 1000).map((one) => [one.type, one.value]))
    const number = (type: Intl.DateTimeFormatPartTypes) => Number(part.get(type))
    const year = part.get('era') === 'BC' ? 1 - number('year') : number('year')
    const date = new Date(0)
    date.setUTCFullYear(year, number('month') - 1, number('day'))
    date.setUTCHours(number('hour'), number('minute'), number('second'))
    return date.getTime() + (instantMs - seconds * 1000)
  }

  const offsetAt = (instantMs: number) => wallAt(instantMs) - instantMs

  /** The first instant of (from, to] with another offset than `from` has. */
  function changeWithin(from: number, to: number): number {
    const before = offsetAt(from)
    let [low, high] = [from, to]
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (offsetAt(middle) === before) low = middle
      else high = middle
    }
    return high
  }

  return {
    zone,
    wallAt,
    instantsOf(wallMs) {
      const offsets = [offsetAt(wallMs - DAY_MS), offsetAt(wallMs + DAY_MS)]
      const at = [...new Set(offsets.map((offset) => wallMs - offset))]
        .filter((instant) => wallAt(instant) === wallMs)
        .sort((a, b) => a - b)
      if (at.length > 0) return { at, gapEndMs: null }
      const [early, late] = [wallMs - Math.max(...offsets), wallMs - Math.min(...offsets)]
      return { at, gapEndMs: changeWithin(early - 1, late) }
    },
    setBackAround(instantMs) {
      const offsets = [-DAY_MS, 0, DAY_MS].map((away) => offsetAt(instantMs + away))
      const [before = 0, now = 0, after = 0] = offsets
      return Math.max(0, before - now, now - after, before - after)
    },
  }
}

function formatOf(zone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch (cause) {
    throw new MillraceError('zone-unknown', { zone }, { cause })
  }
}
