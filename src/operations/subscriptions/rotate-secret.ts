import { z } from 'zod'

import { rotateSubscriptionSecret, subscriptionSecret } from '#catalog/subscriptions.ts'
import { durationMs } from '#definitions/task-schema.ts'
import { subscriptionSecretPlace } from '#events/event-message.ts'
import { defineOperation } from '#operations/operation.ts'
import { subscriptionField } from '#operations/subscriptions/subscription-data.ts'
import { mintSecret } from '#tasks/signed-message.ts'

const DAY_MS = 86_400_000

export const rotateSubscriptionSecretOperation = defineOperation({
  name: 'subscriptions.rotate-secret',
  summary: 'Sign with another secret, shown this once; for a while with the former one, too',
  permission: 'write',
  audit: ['overlap'],
  rest: { method: 'POST', path: '/v1/subscriptions/{subscription}/rotate-secret' },
  input: z.strictObject({
    subscription: subscriptionField,
    overlap: durationMs
      .refine((ms) => ms <= 7 * DAY_MS, 'is at most 7d')
      .default(DAY_MS)
      .describe('How long both sign; default 24h, 0 for a secret that somebody else may know.'),
  }),
  output: z.object({
    id: z.string(),
    secret: z.string(),
    formerSecretUntil: z.iso.datetime().nullable(),
  }),
  async handler({ subscription: id, overlap: overlapMs }, { parts, caller }) {
    const { tenant } = caller
    const { secrets } = parts
    const secret = mintSecret(parts.random)
    const fresh = secrets.seal(secret, subscriptionSecretPlace(tenant.id, id))
    const until = await parts.catalog.asTenant(tenant, async (session) => {
      const place = subscriptionSecretPlace(tenant.id, id)
      const text = secrets.open(await subscriptionSecret(session, id), place)
      const former = secrets.seal(text, subscriptionSecretPlace(tenant.id, id, 'former_secret'))
      return rotateSubscriptionSecret(session, id, { fresh, former, overlapMs })
    })
    return { id, secret, formerSecretUntil: until?.toISOString() ?? null }
  },
})
