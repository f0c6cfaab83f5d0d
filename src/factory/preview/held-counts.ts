export interface HeldCounts {
  readonly received: number
  readonly accepted: number
  readonly repaired: number
  readonly quarantined: number
}

/** Of the whole that is given, these alone. */
export function countsOf(counts: HeldCounts | null): HeldCounts | null {
  if (!counts) return null
  const { received, accepted, repaired, quarantined } = counts
  return { received, accepted, repaired, quarantined }
}
