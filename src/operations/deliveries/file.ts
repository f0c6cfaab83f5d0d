import { z } from 'zod'

import { deliveredFile } from '#operations/deliveries/delivered-file.ts'
import { deliveryField, visibleDelivery } from '#operations/deliveries/delivery-fields.ts'
import { defineOperation } from '#operations/operation.ts'

export const deliveryFile = defineOperation({
  name: 'deliveries.file',
  summary: 'The file of a delivery that is ready; may be fetched in parts',
  permission: 'export',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/deliveries/{delivery}/file' },
  input: z.strictObject({ delivery: deliveryField }),
  output: 'stream',
  async handler({ delivery: id }, { parts, caller }) {
    const delivery = await parts.catalog.asTenant(caller.tenant, (session) =>
      visibleDelivery(session, id, caller),
    )
    return deliveredFile(parts, caller.tenant, delivery)
  },
})
