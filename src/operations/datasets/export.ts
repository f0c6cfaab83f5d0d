import { createReadStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform, type Readable } from 'node:stream'

import { countUsage, spendQuota } from '#catalog/usage.ts'
import { datasetOutput, datasetQuestion, rowsInput } from '#operations/datasets/rows-input.ts'
import { defineOperation, type OperationContext } from '#operations/operation.ts'
import type { Parts } from '#operations/parts.ts'
import type { Answer, FileTarget } from '#serving/answer.ts'

export const exportDataset = defineOperation({
  name: 'datasets.export',
  summary: 'Published rows of a dataset, however many',
  permission: 'export',
  honoursAccess: true,
  rest: {
    method: 'GET',
    path: '/v1/datasets/{dataset}/export',
    gathers: { where: 'where.' },
    formatSuffix: true,
  },
  input: rowsInput.omit({ cursor: true }),
  output: 'stream',
  async handler(input, context) {
    const { parts, caller, signal } = context
    const { format, cells, limit = null } = input
    const question = datasetQuestion(parts, caller, input)
    const answer = await parts.answers.ask(caller, question, signal)
    const totalRows = await answer.total(signal)
    const rows = limit === null ? totalRows : Math.min(limit, totalRows)
    return datasetOutput(input, question, answer, {
      rows,
      totalRows,
      etag: answer.etag(
        format,
        cells,
        limit === null ? undefined : { limit, cursor: null, format, cells },
      ),
      // What was seen before is answered by its tag alone, and counts nothing.
      async open(opening) {
        const reached = await parts.catalog.asTenant(caller.tenant, async (session) => {
          await countUsage(session, 'export-rows', rows)
          return spendQuota(session, 'exports')
        })
        if (reached !== null) {
          parts.log.warn('quota reached', { tenant: caller.tenant.slug, kind: 'exports', reached })
        }
        return counted(await writtenRows(parts, answer, { format, cells, limit }, opening), context)
      },
    })
  },
})

/** Through a file, which goes when the stream closes. */
async function writtenRows(
  { scratchFolder, ids }: Parts,
  answer: Answer,
  target: Pick<FileTarget, 'format' | 'cells' | 'limit'>,
  signal: AbortSignal | undefined,
): Promise<Readable> {
  const folder = join(scratchFolder, ids.next('read'))
  const remove = () => rm(folder, { recursive: true, force: true })
  const path = join(folder, 'rows')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  try {
    await answer.write({ ...target, path }, signal)
  } catch (error) {
    await remove()
    throw error
  }
  const bytes = createReadStream(path, { highWaterMark: 256 * 1024 })
  bytes.once('close', () => void remove().catch(() => {}))
  return bytes
}

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
