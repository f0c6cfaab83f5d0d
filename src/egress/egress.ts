import type { Agent as HttpAgent } from 'node:http'
import type { Agent as HttpsAgent } from 'node:https'

import { createAgents } from '#egress/agents.ts'
import { parseAllowList } from '#egress/allow-list.ts'
import { call, toEgressError, type EgressRequest, type EgressResponse } from '#egress/call.ts'
import { withDeadline } from '#egress/deadline.ts'
import { createGuard, resolveOnMachine, type Resolve } from '#egress/guard.ts'
import { hostOf, parseTargetUrl, portOf } from '#egress/target-url.ts'
import type { Clock } from '#kernel/clock.ts'

export interface EgressLimits {
  /** Resolving, connecting and the TLS handshake of one connection. */
  readonly connectTimeoutMs: number
  /** A whole `request`, redirects included. */
  readonly timeoutMs: number
  /** The body of an answer to `request`. */
  readonly maxBytes: number
  readonly maxRedirects: number
  readonly socketsPerHostMax: number
}

const defaultLimits: EgressLimits = {
  connectTimeoutMs: 10_000,
  timeoutMs: 30_000,
  maxBytes: 1024 * 1024,
  maxRedirects: 3,
  socketsPerHostMax: 64,
}

export interface EgressSettings {
  /** The operator's: hosts, addresses and ranges, each for one `:port` or for all (see allow-list.ts). */
  readonly allow: readonly string[]
  readonly clock: Clock
  /** Default: as this machine resolves names. */
  readonly resolve?: Resolve | undefined
  readonly limits?: Partial<EgressLimits> | undefined
}

/**
 * The only way out to addresses that users give. Where it leads to anything but the public internet
 * and the operator has not allowed that, no packet is sent and the error is `egress-denied`.
 */
export interface Egress {
  /** For libraries that take an agent; they must leave it open. Errors are Node's own, `egress-denied` excepted. */
  readonly httpAgent: HttpAgent
  readonly httpsAgent: HttpsAgent
  /**
   * Throws `egress-denied`, `egress-url-invalid`, `egress-unreachable`, `egress-redirected`,
   * `egress-too-large`, `egress-timeout`, `input-invalid` for headers, or the reason of the signal.
   */
  request(request: EgressRequest): Promise<EgressResponse>
  /** The same rules for an address that is about to be saved; resolves its name, connects to nothing. */
  assertUrl(url: string): Promise<URL>
  /**
   * The addresses of a host that may be connected to, for drivers that speak another protocol: they
   * connect to one of these, never to the name. Throws `egress-denied`, `egress-unreachable`.
   */
  resolve(host: string, port: number): Promise<readonly string[]>
  /** Cuts every connection. */
  close(): void
}

export function openEgress(settings: EgressSettings): Egress {
  const { allow, clock, resolve = resolveOnMachine } = settings
  const limits = { ...defaultLimits, ...settings.limits }
  const guard = createGuard(parseAllowList(allow), resolve)
  const { connectTimeoutMs, socketsPerHostMax } = limits
  const agents = createAgents({ guard, clock, connectTimeoutMs, socketsPerHostMax })
  return {
    httpAgent: agents.http,
    httpsAgent: agents.https,
    request: (request) => call(agents, clock, limits, request),

    async assertUrl(written) {
      const url = parseTargetUrl(written)
      try {
        await withDeadline(clock, connectTimeoutMs, undefined, () =>
          guard.resolve(hostOf(url), portOf(url)),
        )
      } catch (error) {
        throw toEgressError(error, url.origin, connectTimeoutMs)
      }
      return url
    },

    async resolve(host, port) {
      try {
        const found = await withDeadline(clock, connectTimeoutMs, undefined, () =>
          guard.resolve(host, port),
        )
        return found.map(({ address }) => address)
      } catch (error) {
        throw toEgressError(error, `${host}:${port}`, connectTimeoutMs)
      }
    },

    close() {
      agents.http.destroy()
      agents.https.destroy()
    },
  }
}
