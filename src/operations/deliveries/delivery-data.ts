import { z } from 'zod'

import type { Delivery } from '#catalog/deliveries.ts'
import { mailStates, type MailState } from '#catalog/mail.ts'
import { deliveryStates } from '#model/delivery.ts'
import { placeFields, placeOf } from '#operations/deliveries/place-fields.ts'
import { deliveryLocation } from '#serving/deliveries/deliveries.ts'

export const deliveryData = z
  .object({
    id: z.string(),
    /** Address that answers how it goes. */
    location: z.string(),
    state: z.enum(deliveryStates),
    title: z.string(),
    format: z.string(),
    cells: z.string(),
    /** `file`, or the kind of place that it goes to. */
    target: z.string(),
    ...placeFields,
    /** What the target says of the place, once it is there. */
    placed: z.record(z.string(), z.unknown()).nullable(),
    askedBy: z.string(),
    receipt: z.string(),
    /** The published state that its rows are read from. */
    commitNumber: z.int(),
    asOf: z.iso.datetime(),
    createdAt: z.iso.datetime(),
    attempts: z.int(),
    /** Null unless it is under way. */
    progress: z
      .object({
        step: z.enum(['reading', 'handing-over']),
        rows: z.int(),
        bytes: z.int(),
        /** Null: nobody has counted them. */
        rowsExpected: z.int().nullable(),
        at: z.iso.datetime(),
      })
      .nullable(),
    rows: z.int().nullable(),
    sizeBytes: z.int().nullable(),
    /** Of the file's bytes. */
    sha256: z.string().nullable(),
    readyAt: z.iso.datetime().nullable(),
    expiresAt: z.iso.datetime().nullable(),
    /** Fetches the file without a key; null: there is none, or not yet, or not any more. */
    link: z.string().nullable().meta({ secret: true }),
    downloads: z.int(),
    downloadsMax: z.int().nullable(),
    /** How the mails came out that tell of it, in their order; null: this answer does not look. */
    mailStates: z.array(z.enum(mailStates)).nullable(),
    error: z.object({ code: z.string(), message: z.string(), remedy: z.string() }).nullable(),
  })
  .meta({ entity: 'Delivery' })
export type DeliveryData = z.output<typeof deliveryData>

export function toDeliveryData(
  delivery: Delivery,
  link: string | null,
  mails: readonly MailState[] | null = null,
): DeliveryData {
  const { progress, rowsExpected, error, state } = delivery
  return {
    id: delivery.id,
    location: deliveryLocation(delivery.id),
    state,
    title: delivery.title,
    format: delivery.format,
    cells: delivery.cells,
    target: delivery.target.kind,
    ...placeOf(delivery.target),
    placed: delivery.placed as Record<string, unknown> | null,
    askedBy: delivery.askedBy,
    receipt: delivery.receiptId,
    commitNumber: delivery.commitNumber,
    asOf: delivery.asOf.toISOString(),
    createdAt: delivery.createdAt.toISOString(),
    attempts: delivery.attempts,
    progress: state === 'running' && progress !== null ? { ...progress, rowsExpected } : null,
    rows: delivery.rows,
    sizeBytes: delivery.sizeBytes,
    sha256: delivery.sha256,
    readyAt: delivery.readyAt?.toISOString() ?? null,
    expiresAt: delivery.expiresAt?.toISOString() ?? null,
    link,
    downloads: delivery.downloads,
    downloadsMax: delivery.downloadsMax,
    mailStates: mails && [...mails],
    error: error && { code: error.code, message: error.message, remedy: error.remedy },
  }
}
