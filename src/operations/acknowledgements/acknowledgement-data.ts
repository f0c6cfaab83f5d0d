import { z } from 'zod'

import type { Acknowledgement } from '#catalog/acknowledgements.ts'
import { waitingFormats } from '#model/append.ts'

export const acknowledgementData = z
  .object({
    id: z.string(),
    dataset: z.string(),
    receivedAt: z.iso.datetime(),
    /** `quarantine`: no request with rows, but the replay of what others held back. */
    format: z.enum(waitingFormats),
    /** Of the body as it arrived. */
    bytes: z.int(),
    /** Rows of the request = accepted + repaired + quarantined + withheld + erased, once they are in the dataset. */
    received: z.int(),
    /** Null while they wait. */
    accepted: z.int().nullable(),
    /** Good by a repair, or by a fix since. */
    repaired: z.int().nullable(),
    quarantined: z.int().nullable(),
    /** Of subjects whose collection is off, and of those that were erased: kept nowhere. */
    withheld: z.int().nullable(),
    erased: z.int().nullable(),
    /** Whether its rows are in the dataset, since when, and with which commit (null: none was to be). */
    visible: z.boolean(),
    visibleAt: z.iso.datetime().nullable(),
    commit: z.int().nullable(),
  })
  .meta({ entity: 'Acknowledgement' })

export function toAcknowledgementData(
  acknowledgement: Acknowledgement,
): z.output<typeof acknowledgementData> {
  const { id, dataset, receivedAt, format, bytes, received, settledAt, commitNumber } =
    acknowledgement
  const { accepted, repaired, quarantined, withheld, erased } = acknowledgement
  return {
    id,
    dataset,
    receivedAt: receivedAt.toISOString(),
    format,
    bytes,
    received,
    accepted,
    repaired,
    quarantined,
    withheld,
    erased,
    visible: settledAt !== null,
    visibleAt: settledAt?.toISOString() ?? null,
    commit: commitNumber,
  }
}
