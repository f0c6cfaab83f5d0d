import { harmlessOf, withoutContent, type Headers } from '#egress/request-headers.ts'
import { parseTargetUrl } from '#egress/target-url.ts'
import { MillraceError } from '#kernel/errors.ts'

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** One request on the way to an answer: the first, or what a redirect asks for. */
export interface Hop {
  readonly method: Method
  readonly url: URL
  readonly headers: Headers
  readonly body: Uint8Array | undefined
}

export function isRedirect(status: number, location: string | undefined): location is string {
  return location !== undefined && [301, 302, 303, 307, 308].includes(status)
}

/**
 * Where a redirect leads. As browsers do it, 307 and 308 repeat the method and the body, 303 and a
 * redirected POST become GET. Another origin gets no header that could be a credential; from https
 * to http nothing is followed.
 */
export function nextHop(hop: Hop, status: number, location: string): Hop {
  const url = parseTargetUrl(location, hop.url)
  const { origin } = hop.url
  if (hop.url.protocol === 'https:' && url.protocol === 'http:') {
    const problem = 'an encrypted call is not continued without encryption'
    throw new MillraceError('egress-redirected', { origin, target: url.origin, problem })
  }
  const headers = url.origin === origin ? hop.headers : harmlessOf(hop.headers)
  const becomesGet =
    (status === 303 && hop.method !== 'HEAD') || (status < 303 && hop.method === 'POST')
  return becomesGet
    ? { method: 'GET', url, headers: withoutContent(headers), body: undefined }
    : { method: hop.method, url, headers, body: hop.body }
}
