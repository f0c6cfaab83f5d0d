import { z } from 'zod'

import { getSubscription, pauseSubscription } from '#catalog/subscriptions.ts'
import { defineOperation } from '#operations/operation.ts'
import {
  subscriptionData,
  subscriptionField,
  toSubscriptionData,
} from '#operations/subscriptions/subscription-data.ts'

export const pauseSubscriptionOperation = defineOperation({
  name: 'subscriptions.pause',
  summary: 'Send nothing until it is resumed; events wait as long as they are kept',
  permission: 'write',
  rest: { method: 'POST', path: '/v1/subscriptions/{subscription}/pause' },
  input: z.strictObject({ subscription: subscriptionField }),
  output: subscriptionData,
  async handler({ subscription: id }, { parts, caller }) {
    const own = await parts.catalog.asTenant(caller.tenant, async (session) => {
      await pauseSubscription(session, id)
      return getSubscription(session, id)
    })
    return toSubscriptionData(own)
  },
})
