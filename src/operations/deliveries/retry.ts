import { z } from 'zod'

import { retryDelivery } from '#catalog/delivery-tasks.ts'
import { MillraceError } from '#kernel/errors.ts'
import { deliveryData, toDeliveryData } from '#operations/deliveries/delivery-data.ts'
import { deliveryField, visibleDelivery } from '#operations/deliveries/delivery-fields.ts'
import { defineOperation } from '#operations/operation.ts'

export const retryDeliveryOperation = defineOperation({
  name: 'deliveries.retry',
  summary: 'Carry out again a delivery that failed or was cancelled',
  permission: 'export',
  honoursAccess: true,
  rest: { method: 'POST', path: '/v1/deliveries/{delivery}/retry' },
  input: z.strictObject({ delivery: deliveryField }),
  output: deliveryData,
  async handler({ delivery: id }, { parts, caller }) {
    const delivery = await parts.catalog.asTenant(caller.tenant, async (session) => {
      const { state } = await visibleDelivery(session, id, caller)
      if (!(await retryDelivery(session, id))) {
        throw new MillraceError('delivery-not-failed', { delivery: id, state })
      }
      return visibleDelivery(session, id, caller)
    })
    return toDeliveryData(delivery, null)
  },
})
