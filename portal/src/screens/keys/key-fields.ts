export const endings = ['d30', 'd90', 'd365', 'never'] as const
export type Ending = (typeof endings)[number]

const days: Readonly<Record<Ending, number | null>> = { d30: 30, d90: 90, d365: 365, never: null }

/** `now` in milliseconds since 1970; null: it does not end. */
export function endingOf(ending: Ending, now: number): string | null {
  const count = days[ending]
  return count === null ? null : new Date(now + count * 86_400_000).toISOString()
}

export const overlaps = ['h1', 'h24', 'd7', 'd30', 'none'] as const
export type Overlap = (typeof overlaps)[number]

/** As `keys.rotate` takes it. */
export const overlapTexts: Readonly<Record<Overlap, string>> = {
  h1: '1h',
  h24: '24h',
  d7: '7d',
  d30: '30d',
  none: '0s',
}

/** True for what is no number of requests; nothing typed is none. */
export function rateProblem(text: string): boolean {
  return text.trim() !== '' && !/^[1-9]\d{0,7}$/.test(text.trim())
}
