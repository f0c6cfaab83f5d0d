import { sha256 } from '#kernel/hash.ts'
import type { Random } from '#kernel/random.ts'

/** 256 bits: the token of a session or of a link. The catalog keeps its hash only. */
const TOKEN_BYTES = 32

/** `random` must be cryptographically strong. */
export function mintToken(random: Random): { token: string; hash: Uint8Array } {
  const token = Buffer.from(random.bytes(TOKEN_BYTES)).toString('base64url')
  return { token, hash: hashOfToken(token) }
}

export function hashOfToken(token: string): Uint8Array {
  return Buffer.from(sha256(token), 'hex')
}

/** False for what cannot be a token, without asking the catalog. */
export function isTokenForm(text: string): boolean {
  return /^[A-Za-z0-9_-]{43}$/.test(text)
}
