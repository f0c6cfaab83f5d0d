import { createHmac } from 'node:crypto'

/**
 * One-time codes by time (RFC 6238 over RFC 4226): SHA-1, six digits, 30 seconds, which is what every
 * authenticator reads. Forty lines here rather than a library: nothing in them changes.
 */
const STEP_SECONDS = 30
const DIGITS = 6
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
/** Steps before and after the present one that are taken, too: clocks differ, people type. */
const WINDOW = 1

/** RFC 4226 asks for the length of the hash. */
export const TOTP_SECRET_BYTES = 20

/** The step that a time is in; what a code is made for. */
export function totpStep(at: Date): number {
  return Math.floor(at.getTime() / 1000 / STEP_SECONDS)
}

/** The code of a step; `digits` and `algorithm` as the vectors of the RFC have them. */
export function totpCode(
  secret: Uint8Array,
  step: number,
  { digits = DIGITS, algorithm = 'sha1' }: { digits?: number; algorithm?: string } = {},
): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const hash = createHmac(algorithm, secret).update(counter).digest()
  const offset = (hash.at(-1) ?? 0) & 15
  const number = hash.readUInt32BE(offset) & 0x7fff_ffff
  return String(number % 10 ** digits).padStart(digits, '0')
}

/** The step that a code is right for at this time; null for none. */
export function matchingStep(secret: Uint8Array, code: string, at: Date): number | null {
  const now = totpStep(at)
  for (let step = now - WINDOW; step <= now + WINDOW; step++) {
    if (totpCode(secret, step) === code) return step
  }
  return null
}

/** What an authenticator reads, as text or from a QR code. */
export function totpUri(secret: Uint8Array, email: string, issuer = 'Millrace'): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(email)}`
  return `otpauth://totp/${label}?secret=${toBase32(secret)}&issuer=${encodeURIComponent(issuer)}`
}

/** RFC 4648, without padding. */
export function toBase32(bytes: Uint8Array): string {
  let bits = ''
  for (const byte of bytes) bits += byte.toString(2).padStart(8, '0')
  return (bits.match(/.{1,5}/g) ?? [])
    .map((group) => ALPHABET.charAt(Number.parseInt(group.padEnd(5, '0'), 2)))
    .join('')
}
