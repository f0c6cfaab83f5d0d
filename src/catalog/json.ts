/**
 * JSON that PostgreSQL takes: its text can hold neither NUL nor half a surrogate pair, so that
 * both, which messages about bad input may quote, become U+FFFD.
 */
export function toJson(value: unknown): string {
  const text = JSON.stringify(value)
  return /\\u0000|\\ud[89a-f]/.test(text) ? JSON.stringify(value, storable) : text
}

function storable(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed().replaceAll('\u0000', '\ufffd') : value
}
