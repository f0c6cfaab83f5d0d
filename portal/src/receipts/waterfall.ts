/** One cause of a difference, with the rows of its partition before and after. */
export interface Cause {
  readonly kind: string
  readonly dataset: string
  readonly partition: string | null
  readonly text: string
  readonly rowsBefore: number | null
  readonly rowsAfter: number | null
}

export interface Step {
  readonly cause: Cause
  /** Null: rows are not what it is about, as where code has changed. */
  readonly by: number | null
  /** Where its bar begins and ends, in rows. */
  readonly from: number
  readonly to: number
}

export interface Waterfall {
  readonly start: number
  readonly end: number
  readonly steps: readonly Step[]
}

/** Causes one after another, the largest first: each begins where the one before ended. */
export function waterfallOf(causes: readonly Cause[]): Waterfall {
  const start = causes.reduce((sum, { rowsBefore }) => sum + (rowsBefore ?? 0), 0)
  const sorted = causes
    .map((cause) => ({ cause, by: changeOf(cause) }))
    .toSorted((a, b) => Math.abs(b.by ?? 0) - Math.abs(a.by ?? 0))
  let at = start
  const steps = sorted.map(({ cause, by }) => {
    const from = at
    at += by ?? 0
    return { cause, by, from, to: at }
  })
  return { start, end: at, steps }
}

function changeOf({ kind, rowsBefore, rowsAfter }: Cause): number | null {
  if (kind === 'code') return null
  if (rowsBefore === null && rowsAfter === null) return null
  return (rowsAfter ?? 0) - (rowsBefore ?? 0)
}

/**
 * The stretch of numbers that is drawn: all of the steps, and from 0 on unless they would be too small
 * to be seen.
 */
export function stretchOf({ start, end, steps }: Waterfall): readonly [number, number] {
  const ends = [start, end, ...steps.flatMap(({ from, to }) => [from, to])]
  const [least, most] = [Math.min(...ends), Math.max(...ends)]
  const isSmall = most > 0 && (most - least) / most < 0.2
  const air = (most - least) * 0.25
  return isSmall && most > least
    ? [Math.max(0, least - air), most]
    : [Math.min(0, least), Math.max(most, 1)]
}
