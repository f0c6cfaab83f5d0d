/** A value of a row as the text that a condition takes; what is no single value is JSON. */
export function plainText(value: unknown): string {
  if (typeof value === 'string') return value
  return typeof value === 'bigint' ? value.toString() : (JSON.stringify(value) ?? '')
}
