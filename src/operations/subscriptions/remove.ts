import { z } from 'zod'

import { removeSubscription } from '#catalog/subscriptions.ts'
import { defineOperation } from '#operations/operation.ts'
import { subscriptionField } from '#operations/subscriptions/subscription-data.ts'

export const removeSubscriptionOperation = defineOperation({
  name: 'subscriptions.remove',
  summary: 'Tell an address of events no more; what waits for it is dropped',
  permission: 'write',
  rest: { method: 'DELETE', path: '/v1/subscriptions/{subscription}' },
  input: z.strictObject({ subscription: subscriptionField }),
  output: z.object({ id: z.string() }),
  async handler({ subscription: id }, { parts, caller }) {
    await parts.catalog.asTenant(caller.tenant, (session) => removeSubscription(session, id))
    return { id }
  },
})
