/** A line of the queue's past: how many at the end of each span. */
export interface DepthLine {
  readonly name: string | null
  readonly values: readonly number[]
}

export interface Stack {
  readonly name: string | null
  /** Outline of its area as an SVG path. */
  readonly path: string
}

export interface Stacked {
  readonly stacks: readonly Stack[]
  /** The highest sum of any span. */
  readonly most: number
  readonly sums: readonly number[]
}

/** Areas on top of each other, the first at the bottom, in a box of this size. */
export function stackLines(lines: readonly DepthLine[], width: number, height: number): Stacked {
  const spans = Math.max(...lines.map(({ values }) => values.length), 0)
  const sums = Array.from({ length: spans }, (_, at) =>
    lines.reduce((sum, { values }) => sum + (values[at] ?? 0), 0),
  )
  const most = Math.max(...sums, 1)
  const x = (at: number) => (at / Math.max(spans - 1, 1)) * width
  const y = (value: number) => height - (value / most) * height
  const floor = Array.from({ length: spans }, () => 0)
  const stacks = lines.map(({ name, values }) => {
    const lower = [...floor]
    for (let at = 0; at < spans; at += 1) floor[at] = (floor[at] ?? 0) + (values[at] ?? 0)
    const there = floor.map((value, at) => `${x(at).toFixed(1)} ${y(value).toFixed(1)}`)
    const back = lower.map((value, at) => `${x(at).toFixed(1)} ${y(value).toFixed(1)}`).toReversed()
    return { name, path: spans === 0 ? '' : `M${there.join('L')}L${back.join('L')}Z` }
  })
  return { stacks, most, sums }
}

/** Round numbers up to `most` for an axis: at most four. */
export function roundSteps(most: number): number[] {
  if (most <= 0) return []
  const rough = most / 3
  const power = 10 ** Math.floor(Math.log10(Math.max(rough, 1)))
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough) ?? power
  const steps: number[] = []
  for (let at = step; at <= most; at += step) steps.push(at)
  return steps.length > 0 ? steps : [most]
}
