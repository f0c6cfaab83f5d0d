export interface Bin {
  readonly from: number
  readonly to: number
  readonly rows: number
}

const BINS_MAX = 24

/** Bins of one round width that hold all values; the last one holds its upper end, too. */
export function binned(values: readonly number[]): Bin[] {
  if (values.length === 0) return []
  const { least, most } = extent(values)
  if (least === most) return [{ from: least, to: most, rows: values.length }]
  const wanted = Math.min(BINS_MAX, Math.max(5, Math.ceil(Math.sqrt(values.length))))
  const width = roundUp((most - least) / wanted)
  const first = Math.floor(least / width)
  const count = Math.max(1, Math.ceil(most / width) - first)
  const rows = Array.from({ length: count }, () => 0)
  for (const value of values) {
    const at = Math.min(count - 1, Math.max(0, Math.floor(value / width) - first))
    rows[at] = (rows[at] ?? 0) + 1
  }
  return rows.map((own, at) => ({
    from: (first + at) * width,
    to: (first + at + 1) * width,
    rows: own,
  }))
}

/** The next of 1, 2, 2.5, 5 times a power of ten. */
function roundUp(width: number): number {
  const power = 10 ** Math.floor(Math.log10(width))
  const step = [1, 2, 2.5, 5, 10].find((one) => one * power >= width) ?? 10
  return step * power
}

/** Without spreading: there may be more values than a call has arguments. */
export function extent(values: readonly number[]): {
  readonly least: number
  readonly most: number
} {
  let [least, most] = [Infinity, -Infinity]
  for (const value of values) {
    if (value < least) least = value
    if (value > most) most = value
  }
  return values.length === 0 ? { least: 0, most: 0 } : { least, most }
}
