import { z } from 'zod'

import { extendDelivery } from '#catalog/deliveries.ts'
import { durationMs } from '#definitions/task-schema.ts'
import { MillraceError } from '#kernel/errors.ts'
import { deliveryData, toDeliveryData } from '#operations/deliveries/delivery-data.ts'
import { deliveryField, visibleDelivery } from '#operations/deliveries/delivery-fields.ts'
import { defineOperation } from '#operations/operation.ts'

export const extendDeliveryOperation = defineOperation({
  name: 'deliveries.extend',
  summary: 'Keep the file of a delivery for another while; links that were sent work as long',
  permission: 'export',
  honoursAccess: true,
  audit: ['keep'],
  rest: { method: 'POST', path: '/v1/deliveries/{delivery}/extend' },
  input: z.strictObject({
    delivery: deliveryField,
    keep: durationMs.default(7 * 86_400_000).describe('How long, from now on: `7d`, `12h`.'),
  }),
  output: deliveryData,
  async handler({ delivery: id, keep }, { parts, caller }) {
    const delivery = await parts.catalog.asTenant(caller.tenant, async (session) => {
      const { state } = await visibleDelivery(session, id, caller)
      if (await extendDelivery(session, id, keep)) return visibleDelivery(session, id, caller)
      const isOver = state === 'expired' || state === 'erased'
      throw new MillraceError(isOver ? 'delivery-over' : 'delivery-not-ready', {
        delivery: id,
        state,
      })
    })
    return toDeliveryData(delivery, parts.deliveries.linkOf(caller.tenant, delivery))
  },
})
