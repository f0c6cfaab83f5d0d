/** How much sample data somebody wants. */
export interface SampleSize {
  /** Files, one for each month. */
  readonly months: number
  /** Rows of all files together. */
  readonly rows: number
  /** Equal seeds give equal bytes. */
  readonly seed: number
}

export interface WrittenSamples {
  /** Where the pack's sources lie from now on, by source. */
  readonly locations: Readonly<Record<string, string>>
  readonly files: readonly {
    readonly path: string
    readonly rows: number
    readonly bytes: number
  }[]
}

/** Default export of a pack's `samples/demo.ts`: data to see the pack at work without any of one's own. */
export interface Samples {
  readonly description: string
  /** Writes files below `folder`, which exists. */
  write(folder: string, size: SampleSize): Promise<WrittenSamples>
}

export function defineSamples(samples: Samples): Samples {
  return samples
}
