import type { CustomFetch } from 'openid-client'

import type { Egress } from '#egress/egress.ts'

const TIMEOUT_MS = 10_000
const BYTES_MAX = 512 * 1024

/** Requests to a provider, whose addresses somebody gave us, by the one way out; nothing is redirected. */
export function fetchThrough(egress: Egress): CustomFetch {
  return async (url, { method, headers, body, signal }) => {
    const answer = await egress.request({
      method: method === 'POST' ? 'POST' : 'GET',
      url,
      headers,
      body: bytesOf(body),
      signal,
      timeoutMs: TIMEOUT_MS,
      maxBytes: BYTES_MAX,
      maxRedirects: 0,
    })
    const { 'content-type': type } = answer.headers
    return new Response(hasBody(answer.status) ? new Uint8Array(answer.body) : null, {
      status: answer.status,
      headers: type === undefined ? {} : { 'content-type': type },
    })
  }
}

function bytesOf(body: Parameters<CustomFetch>[1]['body']): string | Uint8Array | undefined {
  if (body === null || body === undefined) return undefined
  if (body instanceof URLSearchParams) return body.toString()
  if (typeof body === 'string' || body instanceof Uint8Array) return body
  throw new TypeError('the body of a request to a provider is a form')
}

/** Statuses with which a `Response` must be empty. */
function hasBody(status: number): boolean {
  return ![204, 205, 304].includes(status)
}
