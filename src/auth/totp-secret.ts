import { secretPlace } from '#secrets/secret-place.ts'
import type { Secrets } from '#secrets/secrets.ts'

/** The shared secret of an authenticator as it lies in the catalog. Throws `secret-key-none`. */
export function sealTotp(secrets: Secrets, userId: string, secret: Uint8Array): string {
  return secrets.seal(Buffer.from(secret).toString('base64'), placeOf(userId))
}

export function openTotp(secrets: Secrets, userId: string, sealed: string): Uint8Array {
  return Buffer.from(secrets.open(sealed, placeOf(userId)), 'base64')
}

function placeOf(userId: string) {
  return secretPlace(null, 'user_account.totp', userId)
}
