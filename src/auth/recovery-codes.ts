import { sha256 } from '#kernel/hash.ts'
import type { Random } from '#kernel/random.ts'

const CODES = 10
const CODE_BYTES = 10
/** Crockford base 32: no i, l, o, u. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

/**
 * Codes that each stand once for a one-time code, for whoever has lost the authenticator: 16 letters
 * and digits in groups of four, 80 bits of chance.
 */
export function makeRecoveryCodes(random: Random): { codes: string[]; hashes: string[] } {
  const codes = Array.from({ length: CODES }, () => {
    const bits = [...random.bytes(CODE_BYTES)].map((byte) => byte.toString(2).padStart(8, '0'))
    const groups = bits.join('').match(/.{5}/g) ?? []
    const text = groups.map((group) => ALPHABET.charAt(Number.parseInt(group, 2))).join('')
    return (text.match(/.{4}/g) ?? []).join('-')
  })
  return { codes, hashes: codes.map((code) => sha256(bare(code))) }
}

/** The hash of what somebody has typed; null for what cannot be such a code. */
export function recoveryHash(typed: string): string | null {
  const code = bare(typed)
  return /^[0-9a-z]{16}$/.test(code) ? sha256(code) : null
}

function bare(typed: string): string {
  return typed.toLowerCase().replace(/[\s-]/g, '').replaceAll('o', '0').replace(/[il]/g, '1')
}
