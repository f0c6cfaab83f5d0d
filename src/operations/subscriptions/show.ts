import { z } from 'zod'

import { getSubscription } from '#catalog/subscriptions.ts'
import { defineOperation } from '#operations/operation.ts'
import {
  subscriptionData,
  subscriptionField,
  toSubscriptionData,
} from '#operations/subscriptions/subscription-data.ts'

export const showSubscription = defineOperation({
  name: 'subscriptions.show',
  summary: 'One address that is told of events, and how that goes',
  permission: 'write',
  rest: { method: 'GET', path: '/v1/subscriptions/{subscription}' },
  input: z.strictObject({ subscription: subscriptionField }),
  output: subscriptionData,
  async handler({ subscription: id }, { parts, caller }) {
    const own = await parts.catalog.asTenant(caller.tenant, async (session) => {
      return getSubscription(session, id)
    })
    return toSubscriptionData(own)
  },
})
