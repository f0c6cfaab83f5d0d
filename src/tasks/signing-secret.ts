import { SECRET_PREFIX } from '#tasks/signed-message.ts'
import { secretPlace, type SecretPlace } from '#secrets/secret-place.ts'
import type { Secrets } from '#secrets/secrets.ts'

/** Where the secret that signs calls to a name lies. */
export function handlerSecretPlace(tenantId: number, name: string): SecretPlace {
  return secretPlace(tenantId, 'call_handler.secret', name)
}

/** Where the secret that signs a tenant's callbacks lies. */
export function callbackSecretPlace(tenantId: number): SecretPlace {
  return secretPlace(tenantId, 'callback_secret.secret')
}

/** The text of a secret that signs; one from a time before there were keys lies open. */
export function openSigningSecret(secrets: Secrets, stored: string, place: SecretPlace): string {
  return stored.startsWith(SECRET_PREFIX) ? stored : secrets.open(stored, place)
}
