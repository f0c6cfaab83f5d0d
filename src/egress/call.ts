import type { EgressAgents } from '#egress/agents.ts'
import { DeadlinePassed, withDeadline } from '#egress/deadline.ts'
import { exchange, type Answer } from '#egress/exchange.ts'
import { isRedirect, nextHop, type Hop, type Method } from '#egress/redirect.ts'
import { checkHeaders, type Headers } from '#egress/request-headers.ts'
import { parseTargetUrl } from '#egress/target-url.ts'
import type { Clock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'

export interface EgressRequest {
  readonly method?: Method | undefined
  readonly url: string
  readonly headers?: Headers | undefined
  readonly body?: string | Uint8Array | undefined
  readonly signal?: AbortSignal | undefined
  /** For everything together: names, connections, redirects, the last byte of the body. */
  readonly timeoutMs?: number | undefined
  /** Of the answer's body. */
  readonly maxBytes?: number | undefined
  readonly maxRedirects?: number | undefined
}

/** Any status is an answer; what 404 or 500 means is the caller's affair. */
export interface EgressResponse extends Answer {
  /** Where the answer came from after all redirects. */
  readonly url: string
}

export interface CallLimits {
  readonly timeoutMs: number
  readonly maxBytes: number
  readonly maxRedirects: number
}

/** Sends a request and follows its redirects; every connection is one that the agents have checked. */
export async function call(
  agents: EgressAgents,
  clock: Clock,
  limits: CallLimits,
  request: EgressRequest,
): Promise<EgressResponse> {
  const timeoutMs = request.timeoutMs ?? limits.timeoutMs
  const maxBytes = request.maxBytes ?? limits.maxBytes
  const maxRedirects = request.maxRedirects ?? limits.maxRedirects
  let hop: Hop = {
    method: request.method ?? 'GET',
    url: parseTargetUrl(request.url),
    headers: checkHeaders(request.headers ?? {}),
    body: typeof request.body === 'string' ? Buffer.from(request.body) : request.body,
  }
  const follow = async (signal: AbortSignal): Promise<EgressResponse> => {
    for (let redirects = 0; ; redirects++) {
      const answer = await exchange(agents, hop, maxBytes, signal)
      const { location } = answer.headers
      if (!isRedirect(answer.status, location)) return { ...answer, url: hop.url.href }
      const next = nextHop(hop, answer.status, location)
      if (redirects >= maxRedirects) {
        const problem = `no more than ${maxRedirects} redirects are followed`
        const { origin } = hop.url
        throw new MillraceError('egress-redirected', { origin, target: next.url.origin, problem })
      }
      hop = next
    }
  }
  try {
    return await withDeadline(clock, timeoutMs, request.signal, follow)
  } catch (error) {
    request.signal?.throwIfAborted()
    throw toEgressError(error, hop.url.origin, timeoutMs)
  }
}

/** What a call or a check ran into, as an error of the catalogue. */
export function toEgressError(error: unknown, origin: string, timeoutMs: number): MillraceError {
  if (error instanceof MillraceError) return error
  const cause = { cause: error }
  if (error instanceof DeadlinePassed) {
    return new MillraceError('egress-timeout', { origin, timeoutMs }, cause)
  }
  return new MillraceError('egress-unreachable', { origin, reason: reasonOf(error) }, cause)
}

function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string }
  switch (code ?? '') {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the name of the server is not known'
    case 'ECONNREFUSED':
      return 'the connection was refused'
    case 'ECONNRESET':
    case 'EPIPE':
      return 'the connection was cut'
    default:
      return message || code || String(error)
  }
}
