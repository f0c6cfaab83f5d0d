import { request as requestHttp, type IncomingMessage } from 'node:http'

import { MillraceError } from '#kernel/errors.ts'

export interface HttpRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | null
  readonly signal?: AbortSignal | undefined
}

export interface HttpAnswer {
  readonly status: number
  header(name: string): string | undefined
  /** The bytes as they arrive; a connection that breaks off is an error of the stream. */
  readonly body: IncomingMessage
}

/** One request over node:http, which loads much faster than `fetch`. Throws `server-unreachable`. */
export async function sendRequest(url: string, sent: HttpRequest): Promise<HttpAnswer> {
  const { method, path, headers, body, signal } = sent
  const request = url.startsWith('https:') ? (await import('node:https')).request : requestHttp
  return new Promise((resolve, reject) => {
    const length = body === null ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const options = { method, headers: { ...headers, ...length }, ...(signal ? { signal } : {}) }
    const outgoing = request(url + path, options, (answer) =>
      resolve({
        status: answer.statusCode ?? 0,
        header: (name) => answer.headers[name]?.toString(),
        body: answer,
      }),
    )
    outgoing.on('error', (error: AggregateError | Error) => {
      if (signal?.aborted) return reject(error)
      const message = error.message || ('errors' in error ? String(error.errors[0]) : error.name)
      reject(new MillraceError('server-unreachable', { url, message }, { cause: error }))
    })
    outgoing.end(body ?? undefined)
  })
}
