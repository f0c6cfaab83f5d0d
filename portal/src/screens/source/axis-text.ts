const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 4 })

/** A value at the end of an axis, short enough to stand there. */
export function axisText(value: string | null, kind: string): string {
  if (value === null) return '–'
  if (kind === 'time') return value.slice(0, 10)
  const number = Number(value)
  return kind === 'number' && Number.isFinite(number) ? short.format(number) : value
}
