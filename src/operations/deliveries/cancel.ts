import { z } from 'zod'

import { deliveryData, toDeliveryData } from '#operations/deliveries/delivery-data.ts'
import {
  deliveryField,
  endDelivery,
  visibleDelivery,
} from '#operations/deliveries/delivery-fields.ts'
import { defineOperation } from '#operations/operation.ts'

export const cancelDelivery = defineOperation({
  name: 'deliveries.cancel',
  summary: 'End a delivery early; one that is under way is told to stop',
  permission: 'export',
  honoursAccess: true,
  rest: { method: 'POST', path: '/v1/deliveries/{delivery}/cancel' },
  input: z.strictObject({ delivery: deliveryField }),
  output: deliveryData,
  async handler({ delivery: id }, { parts, caller }) {
    const find = () =>
      parts.catalog.asTenant(caller.tenant, (session) => visibleDelivery(session, id, caller))
    await endDelivery(parts, caller, await find())
    const delivery = await find()
    return toDeliveryData(delivery, parts.deliveries.linkOf(caller.tenant, delivery))
  },
})
