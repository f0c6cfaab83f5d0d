import { Transform, type Readable } from 'node:stream'

import { countUsage, spendQuota } from '#catalog/usage.ts'
import { resolveRows, rowsInput } from '#operations/datasets/rows-input.ts'
import { defineOperation, type OperationContext } from '#operations/operation.ts'

export const exportDataset = defineOperation({
  name: 'datasets.export',
  summary: 'Published rows of a dataset, however many',
  permission: 'export',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/datasets/{dataset}/export' },
  input: rowsInput,
  output: 'stream',
  async handler(input, context) {
    const { parts, caller, signal } = context
    const { stream } = await resolveRows(parts, caller, input, signal)
    return {
      ...stream,
      // What was seen before is answered by its tag alone, and counts nothing.
      async open(opening) {
        const reached = await parts.catalog.asTenant(caller.tenant, async (session) => {
          await countUsage(session, 'export-rows', stream.rows)
          return spendQuota(session, 'exports')
        })
        if (reached !== null) {
          parts.log.warn('quota reached', { tenant: caller.tenant.slug, kind: 'exports', reached })
        }
        return counted(await stream.open(opening), context)
      },
    }
  },
})

/** The same bytes, of which as many as were sent are counted when they end. */
function counted(bytes: Readable, { parts, caller }: OperationContext): Readable {
  let sent = 0
  const counting = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sent += chunk.byteLength
      done(null, chunk)
    },
  })
  counting.once('close', () => {
    bytes.destroy()
    if (sent === 0) return
    parts.catalog
      .asTenant(caller.tenant, (session) => countUsage(session, 'export-bytes', sent))
      .catch((error: unknown) => parts.log.warn('usage was not counted', { error }))
  })
  bytes.once('error', (error) => counting.destroy(error))
  return bytes.pipe(counting)
}
