import type { FastifyReply, FastifyRequest } from 'fastify'

import type { StreamOutput } from '#operations/operation.ts'

/**
 * A file as it is, whole or one range of its bytes (RFC 9110, 14): whoever was interrupted goes on
 * where it stopped, with `If-Range` only if it is the same file still. Several ranges at once are
 * answered with the whole.
 */
export async function sendRanges(
  request: FastifyRequest,
  reply: FastifyReply,
  output: StreamOutput,
  signal: AbortSignal,
) {
  const size = output.sizeBytes ?? 0
  reply
    .type(output.contentType)
    .header('accept-ranges', 'bytes')
    .header('content-disposition', `attachment; filename="${output.fileName}"`)
  const condition = request.headers['if-range']
  const isSame = condition === undefined || condition === output.etag
  const range = isSame ? rangeOf(request.headers.range, size) : null
  if (range === 'none') {
    await output.close?.()
    return reply.code(416).header('content-range', `bytes */${size}`).type('text/plain').send('')
  }
  if (range === null || !output.openRange) {
    reply.header('content-length', size)
    return reply.send(await output.open(signal))
  }
  const { start, end } = range
  reply
    .code(206)
    .header('content-range', `bytes ${start}-${end}/${size}`)
    .header('content-length', end - start + 1)
  return reply.send(await output.openRange(range, signal))
}

/** Null: the whole; `none`: the file has no such bytes. */
function rangeOf(
  header: string | undefined,
  size: number,
): { readonly start: number; readonly end: number } | 'none' | null {
  const [, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? []
  if (from === '' && to === '') return null
  if (from === '') {
    const length = Math.min(Number(to), size)
    return length === 0 ? 'none' : { start: size - length, end: size - 1 }
  }
  const start = Number(from)
  if (start >= size) return 'none'
  const end = to === '' ? size - 1 : Math.min(Number(to), size - 1)
  return end < start ? null : { start, end }
}
