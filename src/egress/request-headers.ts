import { validateHeaderName, validateHeaderValue } from 'node:http'

import { MillraceError } from '#kernel/errors.ts'

export type Headers = Readonly<Record<string, string>>

/** What belongs to the connection: who sets it could make one request look like two, or like another's. */
const ownHeaders = new Set([
  'host',
  'connection',
  'keep-alive',
  'content-length',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'expect',
  'accept-encoding',
  'proxy-authorization',
  'proxy-connection',
])

/** What another origin may see after a redirect; everything else may be a credential. */
const harmlessHeaders = ['accept', 'accept-language', 'content-type', 'user-agent']

/** The caller's headers with lower-case names. Throws `input-invalid` for one that cannot be sent. */
export function checkHeaders(given: Headers): Headers {
  const headers: Record<string, string> = { 'user-agent': 'Millrace' }
  for (const [written, value] of Object.entries(given)) {
    const name = written.toLowerCase()
    const path = `headers.${JSON.stringify(written)}`
    if (ownHeaders.has(name)) {
      throw new MillraceError('input-invalid', { path, message: 'is set by Millrace itself' })
    }
    try {
      validateHeaderName(name)
      validateHeaderValue(name, value)
    } catch (error) {
      const message = 'has a character that a header cannot carry'
      throw new MillraceError('input-invalid', { path, message }, { cause: error })
    }
    headers[name] = value
  }
  return headers
}

export function harmlessOf(headers: Headers): Headers {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => harmlessHeaders.includes(name)),
  )
}

export function withoutContent(headers: Headers): Headers {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !name.startsWith('content-')),
  )
}
