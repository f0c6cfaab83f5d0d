import { createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

import { afterwards } from './afterwards.ts'

export interface ReadyBalancer {
  readonly url: string
  /** Backends from now on; one that leaves is no longer asked. */
  use(backends: readonly string[]): void
}

const LOOK_MS = 100
const FAILED_MAX = 3

/**
 * As balancers do: it asks `/readyz` of each backend ten times a second, passes requests to those that
 * said yes last, in turn, and tries none a second time. What fails is answered 502.
 */
export async function startReadyBalancer(t: TestContext): Promise<ReadyBalancer> {
  let backends: readonly string[] = []
  const ready = new Set<string>()
  let turn = 0

  const looks = new Map<string, { failed: number; looking: boolean }>()
  const look = setInterval(() => {
    for (const backend of backends) {
      const state = looks.get(backend) ?? { failed: 0, looking: false }
      looks.set(backend, state)
      if (state.looking) continue
      state.looking = true
      void isReady(backend)
        .then((answer) => {
          state.failed = answer === null ? state.failed + 1 : 0
          // What says no is believed at once; what says nothing, on a busy machine, after a while.
          if (answer === false || state.failed >= FAILED_MAX) ready.delete(backend)
          else if (answer && backends.includes(backend)) ready.add(backend)
        })
        .finally(() => (state.looking = false))
    }
  }, LOOK_MS)

  const server = createServer((incoming, outgoing) => {
    const open = backends.filter((backend) => ready.has(backend))
    const backend = open[turn++ % open.length]
    if (backend === undefined) return refuse(outgoing, 'no backend is ready')
    pass(incoming, outgoing, backend)
  })
  // Its own clients are no subject here: they never meet a connection that ends.
  server.keepAliveTimeout = 600_000
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  afterwards(t, async () => {
    clearInterval(look)
    server.close()
    server.closeAllConnections()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    use(next) {
      backends = next
      for (const backend of ready) if (!next.includes(backend)) ready.delete(backend)
    },
  }
}

/** Null: no answer. */
function isReady(backend: string): Promise<boolean | null> {
  return fetch(`${backend}/readyz`, { signal: AbortSignal.timeout(5_000) }).then(
    ({ ok }) => ok,
    () => null,
  )
}

function pass(incoming: IncomingMessage, outgoing: ServerResponse, backend: string): void {
  const { method, url, headers } = incoming
  const passed = send(backend + url, { method, headers }, (answer) => {
    const { connection: _connection, ...kept } = answer.headers
    outgoing.writeHead(answer.statusCode ?? 502, kept)
    answer.on('error', () => outgoing.destroy()).pipe(outgoing)
  })
  passed.on('error', (error) => refuse(outgoing, `${backend}: ${error.message}`))
  incoming.pipe(passed)
}

function refuse(outgoing: ServerResponse, why: string): void {
  if (!outgoing.headersSent) outgoing.writeHead(502, { 'content-type': 'text/plain' })
  outgoing.end(why)
}
