const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const LENGTH = 11
const SPACE = 1n << 55n
/** Odd, so that multiplying by it modulo 2^55 is one to one; INVERSE undoes it. */
const FACTOR = 0x2545f4914f6cddn | 1n
const INVERSE = inverseOf(FACTOR)

/**
 * The name of a background task outside of the catalog: `task_` and 11 characters. It stays the same
 * for ever, and says neither how many tasks there are nor which came first.
 */
export function taskName(id: number): string {
  let rest = (BigInt(id) * FACTOR) % SPACE
  let text = ''
  for (let at = 0; at < LENGTH; at++) {
    text = ALPHABET.charAt(Number(rest & 31n)) + text
    rest >>= 5n
  }
  return `task_${text}`
}

/** The number behind such a name, or a plain number as text; null for anything else. */
export function parseTaskId(text: string): number | null {
  if (/^[1-9]\d{0,15}$/.test(text)) return safe(BigInt(text))
  if (!/^task_[0-9a-hjkmnp-tv-z]{11}$/.test(text)) return null
  let value = 0n
  for (const character of text.slice('task_'.length)) {
    value = (value << 5n) | BigInt(ALPHABET.indexOf(character))
  }
  return safe((value * INVERSE) % SPACE)
}

function safe(id: bigint): number | null {
  return id > 0n && id <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(id) : null
}

/** Newton's iteration doubles the correct bits each time; an odd number is its own inverse modulo 8. */
function inverseOf(odd: bigint): bigint {
  let inverse = odd
  for (let bits = 3; bits < 55; bits *= 2) inverse = (inverse * (2n - odd * inverse)) % SPACE
  return ((inverse % SPACE) + SPACE) % SPACE
}
