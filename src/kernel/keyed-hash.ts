import { createHmac } from 'node:crypto'

/** Digits of a keyed hash: 128 bits. */
export const KEYED_HASH_DIGITS = 32

/**
 * First 128 bits of HMAC-SHA256 over the name of a space, NUL and the value (UTF-8, or bytes as they
 * are), in lower-case hexadecimal. Without the key nothing can be told of the value.
 */
export function keyedHash(key: Uint8Array, space: string, value: string | Uint8Array): string {
  const digest = createHmac('sha256', key).update(`${space}\0`).update(value).digest('hex')
  return digest.slice(0, KEYED_HASH_DIGITS)
}
