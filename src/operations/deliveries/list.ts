import { z } from 'zod'

import { listDeliveries } from '#catalog/deliveries.ts'
import { mailStatesOf } from '#catalog/mail.ts'
import { deliveryStates } from '#model/delivery.ts'
import { deliveryData, toDeliveryData } from '#operations/deliveries/delivery-data.ts'
import { deliveryField, isVisible } from '#operations/deliveries/delivery-fields.ts'
import { defineOperation } from '#operations/operation.ts'

export const listDeliveriesOperation = defineOperation({
  name: 'deliveries.list',
  summary: 'Deliveries and how they go, newest first',
  permission: 'export',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/deliveries' },
  input: z.strictObject({
    state: z.enum(deliveryStates).optional().describe('Only deliveries in this state.'),
    mine: z.boolean().default(false).describe('Only those that you have asked for.'),
    after: deliveryField
      .optional()
      .describe('Go on after this delivery, the last of the former page.'),
    limit: z.int().min(1).max(1000).default(100).describe('Most deliveries of a page.'),
  }),
  output: z.object({
    deliveries: z.array(deliveryData),
    /** For `after` of the next page; null: this was the last. */
    next: z.string().nullable(),
  }),
  async handler({ state = null, mine, after = null, limit }, { parts, caller }) {
    const askedBy = mine ? caller.name : null
    const { found, mails } = await parts.catalog.asTenant(caller.tenant, async (session) => {
      const all = await listDeliveries(session, { state, askedBy, after, limit: limit + 1 })
      const ids = all.flatMap((delivery) => delivery.mails)
      return { found: all, mails: await mailStatesOf(session, ids) }
    })
    const page = found.slice(0, limit)
    return {
      deliveries: page
        .filter((delivery) => isVisible(delivery, caller.access))
        .map((one) =>
          toDeliveryData(
            one,
            parts.deliveries.linkOf(caller.tenant, one),
            one.mails.flatMap((id) => mails.get(id) ?? []),
          ),
        ),
      next: found.length > limit ? (page.at(-1)?.id ?? null) : null,
    }
  },
})
