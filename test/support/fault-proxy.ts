import { createServer, request as httpRequest } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

/** What goes wrong with one request; without a fault it passes through. */
export type Fault =
  /** The proxy answers by itself. */
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly headers?: Record<string, string>
      readonly body?: string | Uint8Array
    }
  /** The connection is cut before any answer. */
  | { readonly kind: 'reset' }
  /** The connection is cut inside of the body. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** Nothing more comes, but the connection stays open. */
  | { readonly kind: 'stall'; readonly afterBytes: number }
  /** The body drips. */
  | { readonly kind: 'slow'; readonly chunkBytes: number; readonly everyMs: number }
  /** Another length is announced than is sent. */
  | { readonly kind: 'length'; readonly moreBytes: number }
  /** One bit of the body is wrong. */
  | { readonly kind: 'flip'; readonly atByte: number }
  /** Something happens first; then the request passes, `without` one of its headers. */
  | { readonly kind: 'after'; readonly act?: () => Promise<unknown>; readonly without?: string }

export interface SeenRequest {
  /** From 1, over all requests to the proxy. */
  readonly number: number
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
}

export interface FaultProxy {
  readonly url: string
  /** Every request so far, in order of arrival. */
  readonly seen: readonly SeenRequest[]
}

/** An HTTP proxy in front of one server, with faults as `decide` says; it stops with the test. */
export async function startFaultProxy(
  t: TestContext,
  target: string,
  decide: (request: SeenRequest) => Fault | undefined,
): Promise<FaultProxy> {
  const seen: SeenRequest[] = []
  const server = createServer((incoming, outgoing) => {
    const { method = 'GET', url: path = '/', headers } = incoming
    const request = { number: seen.length + 1, method, path, headers }
    seen.push(request)
    handle(incoming, outgoing, target, decide(request)).catch(() => outgoing.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen }
}

async function handle(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  target: string,
  fault: Fault | undefined,
): Promise<void> {
  if (fault?.kind === 'answer') {
    incoming.resume()
    outgoing.writeHead(fault.status, fault.headers ?? {}).end(fault.body ?? '')
    return
  }
  if (fault?.kind === 'reset') return void incoming.socket.resetAndDestroy()
  if (fault?.kind === 'after') {
    await fault.act?.()
    if (fault.without !== undefined) delete incoming.headers[fault.without]
  }
  const answer = await forward(incoming, target)
  const headers = { ...answer.headers }
  const length = Number(headers['content-length'] ?? 0)
  if (fault?.kind === 'length') headers['content-length'] = String(length + fault.moreBytes)
  outgoing.writeHead(answer.statusCode ?? 502, headers)
  outgoing.flushHeaders()
  let sent = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    const before = sent
    sent += chunk.length
    if (fault?.kind === 'flip' && fault.atByte >= before && fault.atByte < sent) {
      chunk.writeUInt8(chunk.readUInt8(fault.atByte - before) ^ 1, fault.atByte - before)
    }
    if ((fault?.kind === 'cut' || fault?.kind === 'stall') && sent >= fault.afterBytes) {
      outgoing.write(chunk.subarray(0, fault.afterBytes - before), () => {
        if (fault.kind === 'cut') outgoing.destroy()
      })
      answer.destroy()
      return
    }
    if (fault?.kind === 'slow') await drip(outgoing, chunk, fault)
    else outgoing.write(chunk)
  }
  if (fault?.kind === 'length') return void outgoing.write('', () => outgoing.destroy())
  outgoing.end()
}

async function drip(
  outgoing: ServerResponse,
  bytes: Buffer,
  { chunkBytes, everyMs }: { chunkBytes: number; everyMs: number },
): Promise<void> {
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    outgoing.write(bytes.subarray(at, at + chunkBytes))
    await new Promise((resolve) => setTimeout(resolve, everyMs))
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
