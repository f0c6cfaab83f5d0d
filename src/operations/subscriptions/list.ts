import { z } from 'zod'

import { listSubscriptions } from '#catalog/subscriptions.ts'
import { defineOperation } from '#operations/operation.ts'
import {
  subscriptionData,
  subscriptionField,
  toSubscriptionData,
} from '#operations/subscriptions/subscription-data.ts'

export const listSubscriptionsOperation = defineOperation({
  name: 'subscriptions.list',
  summary: 'Addresses that are told of events, and how that goes, oldest first',
  permission: 'write',
  rest: { method: 'GET', path: '/v1/subscriptions' },
  input: z.strictObject({
    after: subscriptionField
      .optional()
      .describe('Go on after this subscription, the last of the former page.'),
    limit: z.int().min(1).max(1000).default(100).describe('Most subscriptions of a page.'),
  }),
  output: z.object({
    subscriptions: z.array(subscriptionData),
    /** For `after` of the next page; null: this was the last. */
    next: z.string().nullable(),
  }),
  async handler({ after = null, limit }, { parts, caller }) {
    const found = await parts.catalog.asTenant(caller.tenant, (session) =>
      listSubscriptions(session, { after, limit: limit + 1 }),
    )
    const page = found.slice(0, limit)
    return {
      subscriptions: page.map(toSubscriptionData),
      next: found.length > limit ? (page.at(-1)?.id ?? null) : null,
    }
  },
})
