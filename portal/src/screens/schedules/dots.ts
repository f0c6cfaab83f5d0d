export interface Dot {
  readonly at: string
  readonly state: string
  readonly run: string | null
}

/** Dots that would lie on each other. */
export interface Cluster {
  /** Of the time line, 0 to 1. */
  readonly share: number
  /** The worst of them. */
  readonly state: string
  /** Of that one. */
  readonly at: string
  readonly run: string | null
  readonly count: number
}

/** The later in this list, the more it has to be seen. */
const gravity = [
  'nothing',
  'ran',
  'posted',
  'queued',
  'started',
  'run-running',
  'skipped',
  'run-cancelled',
  'missed',
  'run-failed',
  'failed',
]

/** What became of a due time in the end: of a run that it started, how that is. */
export function outcomeOf(state: string, runState: string | null): string {
  return runState === null || runState === 'done' ? state : `run-${runState}`
}

/** Dots by their place, as many as can be told apart; the worst of a place is the one that is drawn. */
export function clusterDots(
  dots: readonly Dot[],
  from: number,
  until: number,
  places: number,
): Cluster[] {
  const clusters = new Map<number, Cluster>()
  for (const dot of dots) {
    const share = (Date.parse(dot.at) - from) / (until - from)
    if (!(share >= 0 && share <= 1)) continue
    const place = Math.round(share * places)
    const known = clusters.get(place)
    const isWorse = !known || gravity.indexOf(dot.state) > gravity.indexOf(known.state)
    clusters.set(place, {
      ...(isWorse ? { share, state: dot.state, at: dot.at, run: dot.run } : known),
      count: (known?.count ?? 0) + 1,
    })
  }
  return [...clusters.values()].toSorted((a, b) => a.share - b.share)
}

/** Places of times between, as many as can be told apart. */
export function ticksOf(
  times: readonly string[],
  from: number,
  until: number,
  places: number,
): number[] {
  const shares = new Map<number, number>()
  for (const at of times) {
    const share = (Date.parse(at) - from) / (until - from)
    if (!(share >= 0 && share <= 1)) continue
    const place = Math.round(share * places)
    if (!shares.has(place)) shares.set(place, share)
  }
  return [...shares.values()]
}
