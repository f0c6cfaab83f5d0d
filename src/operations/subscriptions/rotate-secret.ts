import { z } from 'zod'

import { rotateSubscriptionSecret, subscriptionSecret } from '#catalog/subscriptions.ts'
import { subscriptionSecretPlace } from '#events/event-message.ts'
import { parseDuration } from '#kernel/duration.ts'
import { MillraceError } from '#kernel/errors.ts'
import { defineOperation } from '#operations/operation.ts'
import { subscriptionField } from '#operations/subscriptions/subscription-data.ts'
import { mintSecret } from '#tasks/signed-message.ts'

const OVERLAP_MAX_MS = 7 * 86_400_000

export const rotateSubscriptionSecretOperation = defineOperation({
  name: 'subscriptions.rotate-secret',
  summary: 'Sign with another secret, shown this once; for a while with the former one, too',
  permission: 'write',
  audit: ['overlap'],
  rest: { method: 'POST', path: '/v1/subscriptions/{subscription}/rotate-secret' },
  input: z.strictObject({
    subscription: subscriptionField,
    overlap: z
      .string()
      .max(20)
      .default('24h')
      .describe('How long both sign: `90m`, `2d`, at most 7 d; `0s`: the former one ends at once.'),
  }),
  output: z.object({
    id: z.string(),
    secret: z.string().meta({ secret: true }),
    formerSecretUntil: z.iso.datetime().nullable(),
  }),
  async handler({ subscription: id, overlap }, { parts, caller }) {
    const overlapMs = parseDuration(overlap)
    if (overlapMs === null || overlapMs > OVERLAP_MAX_MS) {
      const message = `"${overlap}" is no time of at most 7 days: 90m, 24h, 2d`
      throw new MillraceError('input-invalid', { path: 'overlap', message })
    }
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
