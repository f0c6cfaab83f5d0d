/** Data as JSON that people read; integers beyond 2^53 as they are. */
export function jsonText(value: unknown, indent = ''): string {
  if (typeof value === 'bigint') return String(value)
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  const inner = `${indent}  `
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]'
    return `[\n${value.map((one) => inner + jsonText(one, inner)).join(',\n')}\n${indent}]`
  }
  // A number that would not fit keeps its text.
  const exact = value as { readonly toJSON?: () => unknown }
  if (typeof exact.toJSON === 'function') return jsonText(exact.toJSON(), indent)
  const entries = Object.entries(value)
  if (entries.length === 0) return '{}'
  const lines = entries.map(
    ([name, one]) => `${inner}${JSON.stringify(name)}: ${jsonText(one, inner)}`,
  )
  return `{\n${lines.join(',\n')}\n${indent}}`
}
