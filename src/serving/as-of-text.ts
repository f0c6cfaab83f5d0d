import { MillraceError } from '#kernel/errors.ts'
import type { AsOf } from '#serving/question.ts'

const TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d))?$/

/**
 * `17` is a commit number, `2026-11-02T10:00:00Z` a time, and a day means its end, in UTC: what was
 * published that day is part of it. Throws `as-of-invalid`.
 */
export function parseAsOf(text: string): AsOf {
  if (/^\d{1,15}$/.test(text)) return { commit: Number(text) }
  const time = TIME.test(text)
    ? new Date(text.includes('T') ? text : `${text}T23:59:59.999Z`)
    : new Date(Number.NaN)
  // A day that a month does not have would become one of the next.
  const isReal = !Number.isNaN(time.getTime()) && isDayOfMonth(text)
  if (!isReal) throw new MillraceError('as-of-invalid', { value: text.slice(0, 100) })
  return { time }
}

function isDayOfMonth(text: string): boolean {
  const day = new Date(`${text.slice(0, 10)}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text.slice(0, 10))
}
