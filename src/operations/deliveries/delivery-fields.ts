import { z } from 'zod'

import { cancelTask } from '#catalog/task-ends.ts'
import { getDelivery, type Delivery } from '#catalog/deliveries.ts'
import type { TenantSession } from '#catalog/session.ts'
import { MillraceError } from '#kernel/errors.ts'
import { beyond } from '#model/access-beyond.ts'
import type { Access } from '#model/access.ts'
import type { Caller } from '#operations/operation.ts'
import type { Parts } from '#operations/parts.ts'

export const deliveryField = z
  .string()
  .min(1)
  .max(100)
  .meta({ names: 'delivery' })
  .describe('Id of the delivery: `dlv_…` as the list shows it.')

/** True for somebody who may see all that whoever asked for it might see. */
export function isVisible({ access }: Delivery, own: Access): boolean {
  return beyond(access, own) === null
}

/** What the caller may not see answers as if there were none. Throws `delivery-unknown`. */
export async function visibleDelivery(
  session: TenantSession,
  id: string,
  { access }: Pick<Caller, 'access'>,
): Promise<Delivery> {
  const delivery = await getDelivery(session, id)
  if (delivery && isVisible(delivery, access)) return delivery
  throw new MillraceError('delivery-unknown', { delivery: id })
}

/** Asks for its end; nothing where it has ended. */
export async function endDelivery(
  parts: Parts,
  { tenant }: Caller,
  delivery: Delivery,
): Promise<void> {
  const { taskId } = delivery
  const state = await parts.catalog.asTenant(tenant, (session) => cancelTask(session, taskId))
  if (state === 'running') await parts.tasks.checkLeases()
}
