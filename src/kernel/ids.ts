import type { Clock } from '#kernel/clock.ts'
import type { Random } from '#kernel/random.ts'

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

/** Makes identifiers such as `run_06fj3k2m9q4t1x8w`: a prefix, 9 characters of time, 7 of chance. */
export interface Ids {
  next(prefix: string): string
}

/** Crockford base 32 (no i, l, o, u): sorts by time, easy to read aloud, safe in file names and URLs. */
export function createIds(clock: Clock, random: Random): Ids {
  let head = { timeMs: Number.NaN, text: '' }
  return {
    next(prefix) {
      const timeMs = clock.now().getTime()
      // Every request has an id, and many come within a millisecond.
      if (head.timeMs !== timeMs) head = { timeMs, text: timeText(timeMs) }
      let id = `${prefix}_${head.text}`
      for (const byte of random.bytes(7)) id += ALPHABET[byte & 31]
      return id
    },
  }
}

/** What the ids of one moment begin with: those of later moments sort behind it. */
export function beginningOfIds(prefix: string, at: Date): string {
  return `${prefix}_${timeText(at.getTime())}`
}

function timeText(timeMs: number): string {
  let time = timeMs
  let head = ''
  for (let i = 0; i < 9; i++) {
    head = ALPHABET.charAt(time % 32) + head
    time = Math.floor(time / 32)
  }
  return head
}
