import { Readable } from 'node:stream'

import type { Delivery } from '#catalog/deliveries.ts'
import { toDeliveryData } from '#operations/deliveries/delivery-data.ts'
import type { Caller, StreamOutput } from '#operations/operation.ts'
import type { Parts } from '#operations/parts.ts'
import {
  deliveryLocation,
  type DeliveryAsker,
  type DeliveryWish,
} from '#serving/deliveries/deliveries.ts'
import type { Question } from '#serving/question.ts'
import type { Receipt } from '#serving/receipt.ts'

/** Who asks for a delivery. */
export function deliveryAsker({ tenant, access, name, person }: Caller): DeliveryAsker {
  return { tenant, access, name, email: person?.email ?? null }
}

/**
 * In place of rows that are too many for one answer: the delivery that brings them, as the answer 202
 * with its address. Asked again while it lives, it is the same delivery.
 */
export async function deliverInstead(
  parts: Parts,
  caller: Caller,
  asked: { readonly question: Question; readonly receipt: Receipt },
  wish: DeliveryWish,
): Promise<StreamOutput> {
  // What people open is most likely opened by a spreadsheet.
  const cells = caller.person === null ? wish.cells : 'spreadsheet'
  const own = { ...wish, cells }
  const delivery = await parts.deliveries.begin(deliveryAsker(caller), asked, own)
  return acceptedOutput(parts, caller, delivery)
}

function acceptedOutput(parts: Parts, { tenant }: Caller, delivery: Delivery): StreamOutput {
  const { id, receiptId, commitNumber } = delivery
  const location = deliveryLocation(id)
  const body = JSON.stringify(toDeliveryData(delivery, parts.deliveries.linkOf(tenant, delivery)))
  return {
    contentType: 'application/json; charset=utf-8',
    fileName: `${id}.json`,
    rows: 0,
    totalRows: delivery.rowsExpected ?? 0,
    partitions: 0,
    partitionsAsked: 0,
    commitNumber,
    etag: `"${id}"`,
    receipt: receiptId,
    accepted: { delivery: id, location },
    open: () => Promise.resolve(Readable.from([Buffer.from(body)], { objectMode: false })),
  }
}
