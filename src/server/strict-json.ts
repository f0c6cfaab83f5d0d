import { MillraceError } from '#kernel/errors.ts'
import { parseExactJson } from '#kernel/exact-json.ts'

export const JSON_DEPTH_MAX = 64

/**
 * JSON as a careful reader takes it: valid UTF-8, nested at most {@link JSON_DEPTH_MAX} deep, no
 * key twice in one object, no `__proto__`. `JSON.parse` alone takes 100,000 levels and lets the
 * last of two equal keys win. Numbers that a double cannot hold are kept as they were written.
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes)
  } catch {
    throw invalid('it is not UTF-8')
  }
  refuseDepthAndRepeats(text)
  try {
    return parseExactJson(text)
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error))
  }
}

/** Walks over the structure once; what is not valid JSON at all is left to `JSON.parse`. */
function refuseDepthAndRepeats(text: string): void {
  const open: (Set<string> | null)[] = []
  let keyNext = false
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '"') {
      const end = endOfString(text, at)
      refuseHalfPairs(text.slice(at, end + 1))
      const keys = open.at(-1)
      if (keyNext && keys) remember(keys, text.slice(at, end + 1))
      keyNext = false
      at = end
    } else if (character === '{' || character === '[') {
      open.push(character === '{' ? new Set() : null)
      keyNext = character === '{'
      if (open.length > JSON_DEPTH_MAX)
        throw invalid(`it is nested more than ${JSON_DEPTH_MAX} deep`)
    } else if (character === '}' || character === ']') {
      open.pop()
      keyNext = false
    } else if (character === ',') {
      keyNext = open.at(-1) instanceof Set
    }
  }
}

/** Half of a surrogate pair is no character: stored it would be another text than the one that was sent. */
function refuseHalfPairs(literal: string): void {
  if (!/\\u[dD][89a-fA-F]/.test(literal)) return
  let value: unknown
  try {
    value = JSON.parse(literal)
  } catch {
    return
  }
  if (typeof value === 'string' && !value.isWellFormed()) {
    throw invalid('a text holds half of a surrogate pair')
  }
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') return at
  }
  return text.length
}

function remember(keys: Set<string>, literal: string): void {
  let key: unknown
  try {
    key = JSON.parse(literal)
  } catch {
    return
  }
  if (key === '__proto__') throw invalid('the key "__proto__" is not allowed')
  if (keys.has(String(key))) throw invalid(`the key ${literal} comes twice`)
  keys.add(String(key))
}

function invalid(message: string): MillraceError {
  return new MillraceError('json-invalid', { message, depthMax: JSON_DEPTH_MAX })
}
