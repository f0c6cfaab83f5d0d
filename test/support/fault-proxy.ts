import { createHash } from 'node:crypto'
import { createServer, request as httpRequest } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { crc32 } from 'node:zlib'

/**
 * What goes wrong with one request; without a fault it passes through. `without` and `unseen` take
 * headers away before the server sees them.
 */
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
  /** The request reaches the server, its answer does not come back. */
  | { readonly kind: 'lost' }
  /** One bit of the request's body arrives wrong; `unseen`: the server takes it all the same. */
  | { readonly kind: 'spoil'; readonly atByte: number; readonly unseen?: RegExp }
  /** The request's body ends early; `unseen`: the server takes it all the same. */
  | { readonly kind: 'shorten'; readonly toBytes: number; readonly unseen?: RegExp }
  /** Something happens first; then the request passes, `without` some of its headers. */
  | { readonly kind: 'after'; readonly act?: () => Promise<unknown>; readonly without?: RegExp }

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
  }
  const body = await spoiled(incoming, fault)
  const unseen = fault && 'unseen' in fault ? fault.unseen : undefined
  const wrong = body && !unseen && digestFault(incoming.headers, body)
  if (wrong) {
    outgoing.writeHead(400).end(`<Error><Code>${wrong}</Code><Message>no</Message></Error>`)
    return
  }
  const hidden = unseen ?? (fault?.kind === 'after' ? fault.without : undefined)
  for (const name of Object.keys(incoming.headers)) {
    if (hidden?.test(name)) delete incoming.headers[name]
  }
  const answer = await forward(incoming, target, body)
  if (fault?.kind === 'lost') {
    answer.destroy()
    return void incoming.socket.resetAndDestroy()
  }
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

/** The body as it arrives, where something happens to it on its way. */
async function spoiled(
  incoming: IncomingMessage,
  fault: Fault | undefined,
): Promise<Buffer | null> {
  if (fault?.kind !== 'spoil' && fault?.kind !== 'shorten') return null
  const body = Buffer.concat(await incoming.toArray())
  if (fault.kind === 'shorten') return body.subarray(0, fault.toBytes)
  if (fault.atByte < body.length) body.writeUInt8(body.readUInt8(fault.atByte) ^ 1, fault.atByte)
  return body
}

/** What a server that compares checksums says of a body: the one behind the proxy may take any. */
function digestFault(headers: IncomingHttpHeaders, body: Buffer): string | null {
  if (Number(headers['content-length']) !== body.length) return 'IncompleteBody'
  const crc = Buffer.alloc(4)
  crc.writeUInt32BE(crc32(body))
  const digests: Readonly<Record<string, string>> = {
    'x-amz-checksum-sha256': createHash('sha256').update(body).digest('base64'),
    'x-amz-checksum-crc32': crc.toString('base64'),
    'content-md5': createHash('md5').update(body).digest('base64'),
  }
  const wrong = Object.keys(digests).some(
    (name) => (headers[name] ?? digests[name]) !== digests[name],
  )
  return wrong ? 'BadDigest' : null
}

function forward(
  incoming: IncomingMessage,
  target: string,
  body: Buffer | null,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', url = '/', headers } = incoming
    const length = body ? { 'content-length': String(body.length) } : {}
    const request = httpRequest(
      target + url,
      { method, headers: { ...headers, ...length }, agent: false },
      resolve,
    )
    request.on('error', reject)
    if (incoming.aborted) return void request.destroy(new Error('the sender is gone'))
    // A sender that dies in the middle of a body has sent nothing.
    incoming.on('aborted', () => request.destroy())
    if (body) request.end(body)
    else incoming.pipe(request)
  })
}
