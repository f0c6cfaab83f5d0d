import { createReadStream } from 'node:fs'

import type { Delivery } from '#catalog/deliveries.ts'
import { findArtefact } from '#catalog/delivery-tasks.ts'
import { MillraceError } from '#kernel/errors.ts'
import { fileWish } from '#model/delivery.ts'
import type { StreamOutput } from '#operations/operation.ts'
import type { Parts } from '#operations/parts.ts'
import type { Tenant } from '#model/tenant.ts'
import { contentTypeOf } from '#serving/deliveries/content-type.ts'
import type { Completeness } from '#serving/receipt.ts'

/**
 * The bytes of a delivery's file, compared with their hash before the first is sent. Throws
 * `delivery-not-ready`, `delivery-over`, `delivery-elsewhere`.
 */
export async function deliveredFile(
  parts: Pick<Parts, 'catalog' | 'lake'>,
  tenant: Tenant,
  delivery: Delivery,
): Promise<StreamOutput> {
  const { id, state, target, title, format } = delivery
  if (target.kind !== fileWish.kind) {
    throw new MillraceError('delivery-elsewhere', { delivery: id, target: target.kind })
  }
  if (state === 'expired' || state === 'erased') {
    throw new MillraceError('delivery-over', { delivery: id, state })
  }
  if (state !== 'ready') throw new MillraceError('delivery-not-ready', { delivery: id, state })
  const artefact = await parts.catalog.asTenant(tenant, (session) =>
    findArtefact(session, delivery.artefactId),
  )
  if (!artefact) throw new MillraceError('delivery-over', { delivery: id, state: 'expired' })
  const { expected, published } = delivery.completeness as Completeness

  async function open(
    range?: { readonly start: number; readonly end: number },
    signal?: AbortSignal,
  ) {
    const hold = parts.lake.hold()
    try {
      const path = await hold.localPath(artefact as NonNullable<typeof artefact>, signal)
      const stream = createReadStream(path, { highWaterMark: 256 * 1024, ...range })
      stream.once('close', () => void hold.release())
      return stream
    } catch (error) {
      await hold.release()
      throw error
    }
  }

  return {
    contentType: contentTypeOf(format),
    fileName: `${title}.${format}`,
    rows: artefact.rows,
    totalRows: artefact.rows,
    partitions: published,
    partitionsAsked: expected,
    commitNumber: delivery.commitNumber,
    receipt: delivery.receiptId,
    etag: `"${artefact.sha256.slice(0, 32)}"`,
    sizeBytes: artefact.sizeBytes,
    open: (signal) => open(undefined, signal),
    openRange: (range, signal) => open(range, signal),
  }
}
