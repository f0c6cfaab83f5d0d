/** A span of the run, in milliseconds since it began. */
export interface Span {
  readonly from: number
  readonly until: number
}

const steps = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000,
  300_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000, 43_200_000, 86_400_000,
]

/** Times for the axis: round ones, at most `most`. */
export function ticksOf({ from, until }: Span, most: number): number[] {
  const least = (until - from) / Math.max(most, 1)
  const last = steps.at(-1) ?? 1
  const step = steps.find((one) => one >= least) ?? Math.ceil(least / last) * last
  const ticks: number[] = []
  for (let at = Math.ceil(from / step) * step; at <= until; at += step) ticks.push(at)
  return ticks
}

/** Zooms around a time that stays where it is; never beyond the whole, never below 5 ms. */
export function zoom(view: Span, whole: Span, around: number, factor: number): Span {
  const width = Math.min(
    Math.max((view.until - view.from) * factor, 5),
    Math.max(whole.until - whole.from, 5),
  )
  const share = (around - view.from) / Math.max(view.until - view.from, 1e-9)
  return within({ from: around - width * share, until: around + width * (1 - share) }, whole)
}

export function shift(view: Span, whole: Span, by: number): Span {
  return within({ from: view.from + by, until: view.until + by }, whole)
}

/** The same width, moved into the whole. */
function within(view: Span, whole: Span): Span {
  const width = view.until - view.from
  if (width >= whole.until - whole.from) return whole
  if (view.from < whole.from) return { from: whole.from, until: whole.from + width }
  if (view.until > whole.until) return { from: whole.until - width, until: whole.until }
  return view
}

/** `1200-5000`, as the address keeps a span; null: it is none. */
export function parseSpan(text: string): Span | null {
  const [, from, until] = /^(\d{1,12})-(\d{1,12})$/.exec(text) ?? []
  if (from === undefined || until === undefined || Number(from) >= Number(until)) return null
  return { from: Number(from), until: Number(until) }
}

export const spanText = ({ from, until }: Span): string =>
  `${Math.max(Math.floor(from), 0)}-${Math.max(Math.ceil(until), 1)}`
