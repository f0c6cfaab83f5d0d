import { parseExactJson } from '#kernel/exact-json.ts'

const DEPTH_MAX = 64

/** Why a text is no row; a row is an object. */
export class NoRow extends Error {}

/**
 * One row from its JSON: an object that is nested at most {@link DEPTH_MAX} deep and names no key
 * twice. Numbers that a double cannot hold keep their text. Throws {@link NoRow}.
 */
export function parseRow(text: string): Readonly<Record<string, unknown>> {
  refuseDepthAndRepeats(text)
  let value: unknown
  try {
    value = parseExactJson(text)
  } catch (error) {
    throw new NoRow(error instanceof Error ? error.message : String(error))
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>
  }
  throw new NoRow('it is no object')
}

/** Where each element of an array lies in its text; the text has been parsed as a whole already. */
export function* elementsOf(text: string): Generator<readonly [number, number]> {
  let depth = 0
  let start = -1
  for (let at = text.indexOf('['); at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      if (depth === 1 && start < 0) start = at
      at = endOfString(text, at)
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (depth === 1 && start < 0) start = at
      depth++
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      depth--
      if (depth === 0) {
        if (start >= 0) yield [start, at]
        return
      }
    } else if (depth === 1) {
      if (code === COMMA) {
        if (start >= 0) yield [start, at]
        start = -1
      } else if (start < 0 && code > 32) start = at
    }
  }
}

const QUOTE = 34
const BACKSLASH = 92
const COMMA = 44
const COLON = 58
const OPEN_BRACE = 123
const CLOSE_BRACE = 125
const OPEN_BRACKET = 91
const CLOSE_BRACKET = 93

/** Columns are keys of the row itself: what is repeated further inside is refused as no value of a column. */
function refuseDepthAndRepeats(text: string): void {
  const keys = new Set<string>()
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      const end = endOfString(text, at)
      if (depth === 1 && isKey(text, end + 1)) {
        const key = text.slice(at + 1, end)
        const plain = key.includes('\\') ? plainKey(key) : key
        if (plain === '__proto__') throw new NoRow('the key "__proto__" is not allowed')
        if (keys.has(plain)) throw new NoRow(`the key "${plain}" comes twice`)
        keys.add(plain)
      }
      at = end
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (++depth > DEPTH_MAX) throw new NoRow(`it is nested more than ${DEPTH_MAX} deep`)
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth--
  }
}

function isKey(text: string, from: number): boolean {
  let at = from
  while (text.charCodeAt(at) <= 32) at++
  return text.charCodeAt(at) === COLON
}

function plainKey(key: string): string {
  try {
    return String(JSON.parse(`"${key}"`))
  } catch {
    return key
  }
}

function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let before = end - 1
    while (text.charCodeAt(before) === BACKSLASH) before--
    if ((end - before) % 2 === 1) return end
  }
  return text.length
}
