/** Types that a source's column can have. */
export type SniffedType =
  | 'text'
  | 'integer'
  | 'double'
  | 'boolean'
  | 'date'
  | 'timestamp'
  | 'text[]'

const patterns: readonly (readonly [SniffedType, RegExp])[] = [
  ['boolean', /^(true|false)$/i],
  // A number with a zero in front is a code, not a number.
  ['integer', /^-?(0|[1-9]\d{0,17})$/],
  ['double', /^-?((0|[1-9]\d*)(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/],
  ['date', /^\d{4}-\d\d-\d\d$/],
  ['timestamp', /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$/],
  ['text[]', /^\[.*\]$/s],
]

/** The narrowest type that reads every one of the texts; empty ones say nothing. */
export function inferType(values: readonly string[]): SniffedType {
  const said = values.map((value) => value.trim()).filter((value) => value !== '')
  if (said.length === 0) return 'text'
  for (const [type, pattern] of patterns) {
    if (said.every((value) => pattern.test(value))) return type
  }
  const areTimes = said.every((value) => matches('date', value) || matches('timestamp', value))
  return areTimes ? 'timestamp' : 'text'
}

function matches(type: SniffedType, value: string): boolean {
  return patterns.find(([name]) => name === type)?.[1].test(value) ?? false
}
