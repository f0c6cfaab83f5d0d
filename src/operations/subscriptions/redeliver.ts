import { z } from 'zod'

import { redeliverEvents } from '#catalog/subscription-deliveries.ts'
import { getSubscription } from '#catalog/subscriptions.ts'
import { defineOperation } from '#operations/operation.ts'
import { subscriptionField } from '#operations/subscriptions/subscription-data.ts'

export const redeliverSubscription = defineOperation({
  name: 'subscriptions.redeliver',
  summary: 'Send an event once more, or everything that was given up',
  permission: 'write',
  audit: ['sequence'],
  rest: { method: 'POST', path: '/v1/subscriptions/{subscription}/redeliver' },
  input: z.strictObject({
    subscription: subscriptionField,
    sequence: z
      .int()
      .min(1)
      .optional()
      .describe('Of the event, also of one that has arrived; default: all that were given up.'),
  }),
  output: z.object({ id: z.string(), events: z.int() }),
  async handler({ subscription: id, sequence = null }, { parts, caller }) {
    const events = await parts.catalog.asTenant(caller.tenant, async (session) => {
      await getSubscription(session, id)
      return redeliverEvents(session, id, sequence)
    })
    return { id, events }
  },
})
