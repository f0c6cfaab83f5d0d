import type { DomainEvent } from '#model/domain-event.ts'
import { secretPlace, type SecretPlace } from '#secrets/secret-place.ts'
import { signedHeaders } from '#tasks/signed-message.ts'

/** Where the secret that signs what a subscription is told lies. */
export function subscriptionSecretPlace(
  tenantId: number,
  id: string,
  column: 'secret' | 'former_secret' = 'secret',
): SecretPlace {
  return secretPlace(tenantId, `event_subscription.${column}`, id)
}

/** Headers of Standard Webhooks; while a secret is replaced, one signature of each. */
export function eventHeaders(
  event: Pick<DomainEvent, 'id'>,
  body: string,
  { now, secrets }: { readonly now: Date; readonly secrets: readonly string[] },
): Record<string, string> {
  const clock = { now: () => now }
  const signed = secrets.map((secret) => signedHeaders({ id: event.id, body, secret }, clock))
  const signatures = signed.map((headers) => headers['webhook-signature'] ?? '')
  return { ...signed[0], 'webhook-signature': signatures.join(' ') }
}
