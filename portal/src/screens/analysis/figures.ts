type Row = Readonly<Record<string, unknown>>

export interface Moved {
  readonly column: string
  readonly before: number
  readonly after: number
}

/** Sums of the columns that hold numbers in both, for what is shown beside each other. */
export function movedFigures(before: readonly Row[], after: readonly Row[]): Moved[] {
  const columns = Object.keys(after[0] ?? before[0] ?? {})
  return columns.flatMap((column) => {
    const [then, now] = [sumOf(before, column), sumOf(after, column)]
    return then === null || now === null ? [] : [{ column, before: then, after: now }]
  })
}

/** Null for a column of anything but numbers. Long decimals come as text. */
function sumOf(rows: readonly Row[], column: string): number | null {
  let sum = 0
  for (const row of rows) {
    const value = row[column]
    if (value === null || value === undefined) continue
    if (typeof value !== 'number' && typeof value !== 'bigint') return null
    sum += Number(value)
  }
  return sum
}

/** `+3.1 %`; null where there was nothing before. */
export function formatMove({ before, after }: Omit<Moved, 'column'>): string | null {
  if (before === after) return '±0'
  if (before === 0) return null
  const share = ((after - before) / Math.abs(before)) * 100
  const text =
    Math.abs(share) < 0.1 ? '< 0.1' : Math.abs(share).toFixed(Math.abs(share) < 10 ? 1 : 0)
  return `${share > 0 ? '+' : '−'}${text} %`
}
