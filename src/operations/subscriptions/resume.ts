import { z } from 'zod'

import { getSubscription, resumeSubscription } from '#catalog/subscriptions.ts'
import { defineOperation } from '#operations/operation.ts'
import {
  subscriptionData,
  subscriptionField,
  toSubscriptionData,
} from '#operations/subscriptions/subscription-data.ts'

export const resumeSubscriptionOperation = defineOperation({
  name: 'subscriptions.resume',
  summary: 'Send again, at once, all that waits',
  permission: 'write',
  rest: { method: 'POST', path: '/v1/subscriptions/{subscription}/resume' },
  input: z.strictObject({ subscription: subscriptionField }),
  output: subscriptionData,
  async handler({ subscription: id }, { parts, caller }) {
    const own = await parts.catalog.asTenant(caller.tenant, async (session) => {
      await resumeSubscription(session, id)
      return getSubscription(session, id)
    })
    return toSubscriptionData(own)
  },
})
