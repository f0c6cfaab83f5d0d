/** One line of the table that a benchmark prints. */
export interface Figure {
  /** What was done, with its size. */
  readonly work: string
  /** As they are printed, with their units. */
  readonly millrace: string
  readonly peer: string
  /** `1.7 x`, or how much was added; empty where there is nothing to compare. */
  readonly ratio: string
  /** What has to hold: `<= 2 x`. */
  readonly hold: string
  /** Null: there is nothing to hold it against, or it could not be measured. */
  readonly held: boolean | null
}

/** A line for what cannot be measured here, and why. */
export function skipped(work: string, reason: string, hold: string): Figure {
  return { work, millrace: 'skipped', peer: reason, ratio: '', hold, held: null }
}
