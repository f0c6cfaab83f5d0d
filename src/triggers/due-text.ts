import { MillraceError } from '#kernel/errors.ts'
import { keyOf, shift, type Grain } from '#model/partition-key.ts'
import { wallClock } from '#triggers/wall-clock.ts'

const PLACE = /\{(due|year|month|day|hour)(?:([+-])(\d{1,4}))?\}/g

/**
 * Fills in what a text says relative to a due time: `{month-1}` is the month before the one that the
 * wall of the schedule's zone shows then, `{day}` its day, `{due}` the instant itself. So
 * `{month-3}..{month-1}` are the last three closed months.
 */
export function fillDueText(text: string, due: Date, zone: string): string {
  const wall = new Date(wallClock(zone).wallAt(due.getTime()))
  return text.replace(PLACE, (_whole, name: Grain | 'due', sign?: string, count?: string) => {
    if (name === 'due') return due.toISOString()
    const steps = Number(`${sign ?? '+'}${count ?? 0}`)
    return shift(keyOf(wall, name), name, steps)
  })
}

/** The same within every text of a value. */
export function fillDueTexts(value: unknown, due: Date, zone: string): unknown {
  if (typeof value === 'string') return fillDueText(value, due, zone)
  if (Array.isArray(value)) return value.map((one) => fillDueTexts(one, due, zone))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, fillDueTexts(one, due, zone)]),
  )
}

/** Refuses `{moth-1}` before the night in which it would be found out. Throws `trigger-invalid`. */
export function assertDueText(text: string): void {
  const rest = text.replace(PLACE, '')
  const wrong = /\{[^{}]*\}?/.exec(rest)?.[0]
  if (wrong === undefined) return
  throw new MillraceError('trigger-invalid', {
    field: 'partition',
    value: text,
    problem: `${wrong} is none of {year}, {month}, {day}, {hour} with + or - and a number`,
    wayOut: 'The last closed month is {month-1}, the last seven days are {day-7}..{day-1}.',
  })
}
