import type { Readable } from 'node:stream'
import { z } from 'zod'

import { giveBackDownload, takeDownload, type Delivery } from '#catalog/deliveries.ts'
import { tenantBySlug } from '#catalog/tenants.ts'
import { MillraceError, toMillraceError } from '#kernel/errors.ts'
import type { Tenant } from '#model/tenant.ts'
import { deliveredFile } from '#operations/deliveries/delivered-file.ts'
import { defineOpenOperation, type StreamOutput } from '#operations/operation.ts'
import type { Parts } from '#operations/parts.ts'
import { tenantOfToken } from '#serving/deliveries/link.ts'
import { mayStillHave } from '#serving/deliveries/rights.ts'

/**
 * Whatever is wrong with a link is answered alike, so that nothing can be learnt from trying: that
 * there is such a delivery, such a tenant, or that it was there once.
 */
export const downloadDelivery = defineOpenOperation({
  name: 'deliveries.download',
  summary: 'The file of a delivery, for whoever has its link',
  permission: 'anyone',
  audit: 'none',
  rest: { method: 'GET', path: '/v1/deliveries/{delivery}/download' },
  input: z.strictObject({
    delivery: z.string().min(1).max(100).describe('Id of the delivery, as the link has it.'),
    token: z
      .string()
      .max(300)
      .default('')
      .meta({ secret: true })
      .describe('What the link proves itself by.'),
  }),
  output: 'stream',
  async handler({ delivery: id, token }, { parts }) {
    const unknown = () => new MillraceError('delivery-link-unknown')
    const slug = tenantOfToken(token)
    const tenant = slug === null ? null : await tenantBySlug(parts.directory, slug)
    if (!tenant) throw unknown()
    const held = await parts.cells.holdFor(tenant)
    const own = held?.parts ?? parts
    const release = () => held?.release()
    try {
      const delivery = await own.deliveries.byLink(tenant, id, token)
      if (!delivery || !(await mayStillHave(parts.directory, tenant, delivery))) throw unknown()
      const file = await deliveredFile(own, tenant, delivery)
      return delivery.downloadsMax === null
        ? withRelease(file, release)
        : counted(own, tenant, delivery, file, release)
    } catch (error) {
      release()
      const { code } = toMillraceError(error)
      if (code === 'delivery-over' || code === 'delivery-not-ready') throw unknown()
      throw error
    }
  },
})

/** The place stays open while its file is read. */
function withRelease(file: StreamOutput, release: () => void): StreamOutput {
  const { openRange } = file
  const watched = (stream: Readable) => stream.once('close', release)
  return {
    ...file,
    open: async (signal) => watched(await file.open(signal)),
    ...(openRange && {
      openRange: async (range, signal) => watched(await openRange(range, signal)),
    }),
    close: async () => release(),
  }
}

/**
 * One of a number of downloads: in one piece, taken before the first byte, and given back where less
 * than half of the file was sent, for then it was of no use to anybody.
 */
function counted(
  { catalog, log }: Parts,
  tenant: Tenant,
  { id }: Delivery,
  { openRange: _whole, ...file }: StreamOutput,
  release: () => void,
): StreamOutput {
  return {
    ...file,
    async open(signal) {
      const isTaken = await catalog.asTenant(tenant, (session) => takeDownload(session, id))
      if (!isTaken) {
        release()
        throw new MillraceError('delivery-link-unknown')
      }
      const giveBack = async () => {
        await catalog.asTenant(tenant, (session) => giveBackDownload(session, id))
      }
      let stream: Readable & { readonly bytesRead?: number }
      try {
        stream = await file.open(signal)
      } catch (error) {
        release()
        await giveBack()
        throw error
      }
      stream.once('close', () => {
        const isUseful = (stream.bytesRead ?? 0) * 2 >= (file.sizeBytes ?? 0)
        const settled = isUseful ? Promise.resolve() : giveBack()
        settled
          .catch((error: unknown) => log.warn('giving a download back', { error }))
          .finally(release)
      })
      return stream
    },
    close: async () => release(),
  }
}
