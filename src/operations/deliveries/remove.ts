import { z } from 'zod'

import { removeDelivery } from '#catalog/deliveries.ts'
import { MillraceError } from '#kernel/errors.ts'
import { deliveryField, visibleDelivery } from '#operations/deliveries/delivery-fields.ts'
import { defineOperation } from '#operations/operation.ts'

export const removeDeliveryOperation = defineOperation({
  name: 'deliveries.remove',
  summary: 'Forget a delivery: its links end at once, its file goes unless another one wants it',
  permission: 'export',
  honoursAccess: true,
  rest: { method: 'DELETE', path: '/v1/deliveries/{delivery}' },
  input: z.strictObject({ delivery: deliveryField }),
  output: z.object({ delivery: z.string() }),
  async handler({ delivery: id }, { parts, caller }) {
    await parts.catalog.asTenant(caller.tenant, async (session) => {
      const { state } = await visibleDelivery(session, id, caller)
      if (state === 'queued' || state === 'running') {
        throw new MillraceError('delivery-not-over', { delivery: id, state })
      }
      await removeDelivery(session, id)
    })
    return { delivery: id }
  },
})
