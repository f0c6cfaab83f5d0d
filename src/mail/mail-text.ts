/** What would break a line, hide text or turn its direction. */
const UNSEEN = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu

/** A word from outside for a line of a mail: one line, bounded. */
export function oneLine(text: string, lengthMax = 120): string {
  const line = text.toWellFormed().replace(UNSEEN, ' ').replace(/\s+/g, ' ').trim()
  if (line.length <= lengthMax) return line
  return `${line
    .slice(0, lengthMax - 1)
    .toWellFormed()
    .replace(/\ufffd$/, '')}…`
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character)
}

/** Minutes are exact enough for a reader; UTC, for nobody knows where he is. */
export function readableTime(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

/** One address: no list, no name, nothing quoted, no line break; at most 254 characters. */
export function isMailAddress(text: string): boolean {
  if (text.length > 254) return false
  return /^[^\s\p{Cc}"<>(),:;@[\]\\]{1,64}@[\p{L}\p{N}](?:[\p{L}\p{N}.-]*[\p{L}\p{N}])?$/u.test(
    text,
  )
}
