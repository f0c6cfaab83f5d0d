import { Agent as HttpAgent, type ClientRequestArgs } from 'node:http'
import { Agent as HttpsAgent, type RequestOptions } from 'node:https'
import { isIP, type LookupFunction, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { callbackify } from 'node:util'

import type { Guard } from '#egress/guard.ts'
import type { Clock } from '#kernel/clock.ts'

// Node's own agents with the one difference that a socket is only ever opened to addresses that the
// guard has just checked. The host stays what the caller wrote, so that the Host header, SNI, the
// certificate's name and the pool of kept sockets go by it; idle sockets are kept per host and port.
// Errors are Node's own, `egress-denied` excepted.

export interface AgentParts {
  readonly guard: Guard
  readonly clock: Clock
  /** Resolving, connecting and the TLS handshake together. */
  readonly connectTimeoutMs: number
  readonly socketsPerHostMax: number
}

export interface EgressAgents {
  readonly http: HttpAgent
  readonly https: HttpsAgent
}

export function createAgents(parts: AgentParts): EgressAgents {
  return { http: new GuardedHttpAgent(parts), https: new GuardedHttpsAgent(parts) }
}

type Created = (error: Error | null, socket: Duplex) => void

class GuardedHttpAgent extends HttpAgent {
  readonly #parts: AgentParts

  constructor(parts: AgentParts) {
    super(poolOptions(parts))
    this.#parts = parts
  }

  override createConnection(options: ClientRequestArgs, created?: Created) {
    return openGuarded(this.#parts, options, created, 'connect', (guarded) =>
      super.createConnection(guarded),
    )
  }
}

class GuardedHttpsAgent extends HttpsAgent {
  readonly #parts: AgentParts

  constructor(parts: AgentParts) {
    super(poolOptions(parts))
    this.#parts = parts
  }

  override createConnection(options: RequestOptions, created?: Created) {
    return openGuarded(this.#parts, options, created, 'secureConnect', (guarded) =>
      super.createConnection(guarded),
    )
  }
}

/** No `proxyEnv`: a proxy would resolve the name once more, by itself. */
function poolOptions({ socketsPerHostMax }: AgentParts) {
  return { keepAlive: true, maxSockets: socketsPerHostMax, maxFreeSockets: 8 }
}

function openGuarded<Options extends ClientRequestArgs>(
  { guard, clock, connectTimeoutMs }: AgentParts,
  options: Options,
  created: Created | undefined,
  opened: 'connect' | 'secureConnect',
  open: (options: Options) => Duplex | null | undefined,
): Duplex | undefined {
  const host = options.host || 'localhost'
  const port = Number(options.port ?? options.defaultPort)
  try {
    // Node connects to an address that is written out without asking `lookup`.
    if (isIP(host) !== 0) guard.checkAddress(host, host, port)
  } catch (error) {
    const refusal = error as Error
    process.nextTick(() => created?.(refusal, undefined as never))
    return undefined
  }
  const guarded = { ...options, host, port, lookup: lookupOf(guard, port), autoSelectFamily: true }
  // What would lead past the host: a local socket (Node's `socketPath` arrives as `path`), an open one.
  Object.assign(guarded, { path: undefined, socket: undefined })
  const socket = open(guarded) as Socket
  limitConnecting(socket, opened, clock, connectTimeoutMs)
  return socket
}

/** What Node asks for a name's addresses right before it connects to those that it is told. */
function lookupOf(guard: Guard, port: number): LookupFunction {
  const resolve = callbackify((host: string) => guard.resolve(host, port))
  return (host, { all }, callback) =>
    resolve(host, (error, checked) => {
      const [first] = checked ?? []
      if (error || !first) callback(error, [])
      else if (all) callback(null, [...checked])
      else callback(null, first.address, first.family)
    })
}

function limitConnecting(socket: Socket, opened: string, clock: Clock, timeoutMs: number): void {
  const settled = new AbortController()
  socket.once(opened, () => settled.abort())
  socket.once('close', () => settled.abort())
  clock.sleep(timeoutMs, settled.signal).then(
    () => {
      const error = new Error(`no connection within ${timeoutMs} ms`)
      socket.destroy(Object.assign(error, { code: 'ETIMEDOUT' }))
    },
    () => {},
  )
}
