import { z } from 'zod'

import { getMail } from '#catalog/mail.ts'
import { askedOf } from '#operations/deliveries/asked-of.ts'
import { deliveryData, toDeliveryData } from '#operations/deliveries/delivery-data.ts'
import { deliveryField, visibleDelivery } from '#operations/deliveries/delivery-fields.ts'
import { mailData, toMailData } from '#operations/mail/mail-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const showDelivery = defineOperation({
  name: 'deliveries.show',
  summary: 'How a delivery goes: state, progress, link, mails',
  permission: 'export',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/deliveries/{delivery}' },
  input: z.strictObject({ delivery: deliveryField }),
  output: deliveryData.extend({
    /** Whoever was told by mail, and how that came out. */
    mails: z.array(mailData),
    /** What was asked, in the words of `deliveries create`; for SQL, its text. */
    asked: z.record(z.string(), z.unknown()),
    /** Number of its background work, for `millrace tasks logs`. */
    task: z.int(),
  }),
  async handler({ delivery: id }, { parts, caller }) {
    const { tenant } = caller
    return parts.catalog.asTenant(tenant, async (session) => {
      const delivery = await visibleDelivery(session, id, caller)
      const mails = []
      for (const mail of delivery.mails) {
        const info = await getMail(session, mail)
        if (info) mails.push(info)
      }
      const link = parts.deliveries.linkOf(tenant, delivery)
      const states = mails.map((mail) => mail.state)
      const data = toDeliveryData(delivery, link, states)
      return {
        ...data,
        mails: mails.map(toMailData),
        asked: askedOf(delivery),
        task: delivery.taskId,
      }
    })
  },
})
