import { callbackSecret, setCallbackSecret } from '#catalog/background-handlers.ts'
import type { TenantSession } from '#catalog/session.ts'
import type { Parts } from '#operations/parts.ts'
import { mintSecret } from '#tasks/signed-message.ts'
import { callbackSecretPlace } from '#tasks/signing-secret.ts'

/** Makes the secret that signs the tenant's callbacks, where there is none yet. */
export async function ensureCallbackSecret(session: TenantSession, parts: Parts): Promise<void> {
  if (await callbackSecret(session)) return
  await setCallbackSecret(session, newCallbackSecret(parts, session.tenant.id), 'keep')
}

/** Sealed. */
export function newCallbackSecret({ random, secrets }: Parts, tenantId: number): string {
  return secrets.seal(mintSecret(random), callbackSecretPlace(tenantId))
}
