import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'

import type { Clock } from '#kernel/clock.ts'
import type { Random } from '#kernel/random.ts'

export interface S3Proxy {
  readonly url: string
  /** Of a hundred requests, so many go wrong from now on. */
  setRate(percent: number): void
  /** `PUT 503` → how often. */
  readonly counts: ReadonlyMap<string, number>
  close(): Promise<void>
}

const faults = ['503', 'reset', 'short', 'slow', 'lost-answer'] as const

/**
 * Between the deployment and its S3 server: some requests get a 503, a reset, an answer that ends too
 * early or comes slowly, or are carried out and never answered.
 */
export async function openS3Proxy(
  target: string,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): Promise<S3Proxy> {
  const counts = new Map<string, number>()
  let rate = 0

  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = 'GET' } = incoming
    const fault =
      random.next() * 100 < rate ? faults[Math.floor(random.next() * faults.length)] : undefined
    if (fault) counts.set(`${method} ${fault}`, (counts.get(`${method} ${fault}`) ?? 0) + 1)
    if (fault === '503') {
      incoming.resume()
      outgoing.writeHead(503, { 'content-type': 'application/xml' })
      outgoing.end('<Error><Code>SlowDown</Code><Message>simulated</Message></Error>')
      return
    }
    if (fault === 'reset') return void incoming.socket.resetAndDestroy()
    const answer = await forward(incoming, target)
    if (fault === 'lost-answer') return void incoming.socket.resetAndDestroy()
    if (fault === 'slow') await clock.sleep(200 + random.next() * 1_500)
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    let sent = 0
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      if (fault === 'short' && sent + chunk.length > 1) {
        outgoing.write(chunk.subarray(0, chunk.length >> 1), () => outgoing.destroy())
        return
      }
      sent += chunk.length
      outgoing.write(chunk)
    }
    outgoing.end()
  }

  const server = createServer((incoming, outgoing) => {
    pass(incoming, outgoing).catch(() => outgoing.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    setRate(percent) {
      rate = percent
    },
    close() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

function forward(incoming: IncomingMessage, target: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', url = '/', headers } = incoming
    const request = httpRequest(target + url, { method, headers, agent: false }, resolve)
    request.on('error', reject)
    incoming.pipe(request)
  })
}
