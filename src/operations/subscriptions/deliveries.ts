import { z } from 'zod'

import { eventDeliveryStates, listEventDeliveries } from '#catalog/subscription-deliveries.ts'
import { getSubscription } from '#catalog/subscriptions.ts'
import { defineOperation } from '#operations/operation.ts'
import { subscriptionField } from '#operations/subscriptions/subscription-data.ts'

export const listSubscriptionDeliveries = defineOperation({
  name: 'subscriptions.deliveries',
  summary: 'Events that a subscription was or is to be told of, with each try, newest first',
  permission: 'write',
  rest: { method: 'GET', path: '/v1/subscriptions/{subscription}/deliveries' },
  input: z.strictObject({
    subscription: subscriptionField,
    state: z.enum(eventDeliveryStates).optional().describe('Only those in this state.'),
    after: z
      .int()
      .min(1)
      .optional()
      .describe('Go on after this sequence, `next` of the former page.'),
    limit: z.int().min(1).max(1000).default(50).describe('Most events of a page.'),
  }),
  output: z.object({
    deliveries: z.array(
      z.object({
        sequence: z.int(),
        kind: z.string(),
        state: z.enum(eventDeliveryStates),
        attempts: z.int(),
        nextTryAt: z.iso.datetime().nullable(),
        endedAt: z.iso.datetime().nullable(),
        /** The newest 20, newest first. */
        tries: z.array(
          z.object({
            number: z.int(),
            endedAt: z.iso.datetime(),
            durationMs: z.int(),
            /** Null: there was no answer. */
            status: z.int().nullable(),
            /** The first 200 bytes of the answer. */
            answer: z.string().nullable(),
            error: z.string().nullable(),
          }),
        ),
      }),
    ),
    /** For `after` of the next page; null: this was the last. */
    next: z.int().nullable(),
  }),
  async handler({ subscription, state = null, after = null, limit }, { parts, caller }) {
    const found = await parts.catalog.asTenant(caller.tenant, async (session) => {
      await getSubscription(session, subscription)
      const ask = { subscriptionId: subscription, state, after, limit: limit + 1 }
      return listEventDeliveries(session, ask)
    })
    const page = found.slice(0, limit)
    return {
      deliveries: page.map(({ nextAt, endedAt, tries, ...delivery }) => ({
        ...delivery,
        nextTryAt: nextAt?.toISOString() ?? null,
        endedAt: endedAt?.toISOString() ?? null,
        tries: tries.map((one) => ({ ...one, endedAt: new Date(one.endedAt).toISOString() })),
      })),
      next: found.length > limit ? (page.at(-1)?.sequence ?? null) : null,
    }
  },
})
