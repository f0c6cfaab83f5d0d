import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import https from 'node:https'

import type { EgressAgents } from '#egress/agents.ts'
import { isRedirect, type Hop } from '#egress/redirect.ts'
import { MillraceError } from '#kernel/errors.ts'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** As it was sent: compression is never asked for. Empty for a redirect. */
  readonly body: Buffer
}

const HEADER_BYTES_MAX = 16 * 1024

/** One request and its answer, of at most `maxBytes`. Errors are Node's own or `egress-too-large`. */
export async function exchange(
  agents: EgressAgents,
  hop: Hop,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Answer> {
  const response = await send(agents, hop, signal)
  try {
    const { statusCode: status = 0, headers } = response
    const isEmpty = isRedirect(status, headers.location) || hop.method === 'HEAD'
    const body = isEmpty ? Buffer.alloc(0) : await readBody(response, hop, maxBytes)
    return { status, headers, body }
  } finally {
    if (!response.complete) response.destroy()
  }
}

function send(agents: EgressAgents, hop: Hop, signal: AbortSignal): Promise<IncomingMessage> {
  const isEncrypted = hop.url.protocol === 'https:'
  return new Promise((resolve, reject) => {
    const request = (isEncrypted ? https : http).request(hop.url, {
      agent: isEncrypted ? agents.https : agents.http,
      method: hop.method,
      headers: {
        ...hop.headers,
        'accept-encoding': 'identity',
        ...(hop.body && { 'content-length': hop.body.byteLength }),
      },
      maxHeaderSize: HEADER_BYTES_MAX,
      signal,
    })
    request.on('response', resolve)
    request.on('error', reject)
    request.end(hop.body)
  })
}

async function readBody(response: IncomingMessage, hop: Hop, maxBytes: number): Promise<Buffer> {
  const tooLarge = () => new MillraceError('egress-too-large', { origin: hop.url.origin, maxBytes })
  if (Number(response.headers['content-length']) > maxBytes) throw tooLarge()
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength
    if (bytes > maxBytes) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
