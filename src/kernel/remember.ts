import type { Clock } from '#kernel/clock.ts'

export interface Remembering {
  /** How old an answer may get, counted from the moment at which it was asked for. */
  readonly forMs: number
  /** Answers that are kept; the one that was not wanted for the longest time goes first. */
  readonly most: number
}

/**
 * Asks once for what many want at the same time or shortly after each other. What is null, and what
 * was refused, is asked again by the next one who wants it.
 */
export function remember<T>(
  clock: Pick<Clock, 'monotonicMs'>,
  { forMs, most }: Remembering,
  load: (key: string) => Promise<T | null>,
): (key: string) => Promise<T | null> {
  // In the order in which they were wanted last.
  const known = new Map<string, { readonly answer: Promise<T | null>; readonly untilMs: number }>()

  return (key) => {
    const now = clock.monotonicMs()
    const former = known.get(key)
    known.delete(key)
    if (former && former.untilMs > now) {
      known.set(key, former)
      return former.answer
    }
    const entry = { answer: load(key), untilMs: now + forMs }
    known.set(key, entry)
    const forget = () => {
      if (known.get(key) === entry) known.delete(key)
    }
    entry.answer.then((answer) => answer === null && forget(), forget)
    for (const oldest of known.keys()) {
      if (known.size <= most) break
      known.delete(oldest)
    }
    return entry.answer
  }
}
