import { text } from 'node:stream/consumers'

import { fromErrorData, MillraceError, type ErrorData } from '#kernel/errors.ts'
import { parseExactJson } from '#kernel/exact-json.ts'
import type { Answer, Door } from '#cli/door/door.ts'
import { sendRequest, type HttpAnswer } from '#cli/door/http-request.ts'
import type { Operation, RawBody, StreamOutput } from '#operations/operation.ts'

export interface RemotePlace {
  readonly url: string
  readonly key: string
  /** Sent along where the key may choose (this machine's own key), or to be refused. */
  readonly tenant: string | null
}

/** Operations over REST, the address and method taken from their definition. */
export function openRemoteDoor({ url, key, tenant }: RemotePlace): Door {
  return {
    address: url,
    tenant: tenant ?? 'default',
    async invoke(operation, input, signal) {
      const request = requestOf(operation, input)
      const response = await sendRequest(url, {
        method: operation.rest.method,
        path: request.path,
        body: request.body,
        headers: {
          authorization: `Bearer ${key}`,
          ...(tenant === null ? {} : { 'millrace-tenant': tenant }),
          ...(request.body === null ? {} : { 'content-type': 'application/json' }),
          ...request.headers,
        },
        signal,
      })
      if (response.status >= 300) throw await errorOf(url, response)
      const answer =
        operation.output === 'stream' ? streamOf(response) : await jsonOf(url, response)
      return answer as Answer<typeof operation.output>
    },
    close: async () => {},
  }
}

function requestOf(operation: Operation, input: object) {
  const inPath = new Set<string>()
  const path = operation.rest.path.replace(/\{(\w+)\}/g, (_whole, name: string) => {
    inPath.add(name)
    return encodeURIComponent((input as Record<string, string | number>)[name] ?? '')
  })
  const fields = Object.entries(input).filter(
    ([name, value]) => !inPath.has(name) && value !== undefined,
  )
  if (operation.rest.rawBody) return { path, ...rawRequest(operation, input) }
  if (operation.rest.method !== 'GET') {
    return { path, body: JSON.stringify(Object.fromEntries(fields)), headers: {} }
  }
  const query = new URLSearchParams()
  for (const [name, value] of fields) {
    const prefix = operation.rest.gathers?.[name]
    if (prefix === undefined) append(query, name, value)
    else for (const [key, one] of Object.entries(value as object)) append(query, prefix + key, one)
  }
  return { path: query.size > 0 ? `${path}?${query.toString()}` : path, body: null, headers: {} }
}

/** Bytes go as they are; what is said of them goes as headers. */
function rawRequest({ rest }: Operation, input: object) {
  const fields = input as Readonly<Record<string, unknown>>
  const { field, formatField, formats, encodingField } = rest.rawBody as RawBody
  const type = Object.keys(formats).find((name) => formats[name] === fields[formatField])
  const headers: Record<string, string> = { 'content-type': type ?? 'application/octet-stream' }
  const encoding = fields[encodingField]
  if (typeof encoding === 'string') headers['content-encoding'] = encoding
  for (const [name, header] of Object.entries(rest.headers ?? {})) {
    const value = fields[name]
    if (typeof value === 'string') headers[header] = value
  }
  return { body: fields[field] as Uint8Array, headers }
}

function append(query: URLSearchParams, name: string, value: unknown): void {
  for (const one of Array.isArray(value) ? value : [value]) query.append(name, String(one))
}

async function jsonOf(url: string, response: HttpAnswer): Promise<unknown> {
  try {
    return parseExactJson(await text(response.body))
  } catch (error) {
    throw new MillraceError('answer-unreadable', { url, status: response.status }, { cause: error })
  }
}

/** Problem details back into the error that the server met. */
async function errorOf(url: string, response: HttpAnswer): Promise<MillraceError> {
  const problem = (await jsonOf(url, response)) as Partial<ErrorData & { detail: string }>
  const { code, detail } = problem
  if (code === undefined || detail === undefined) {
    return new MillraceError('answer-unreadable', { url, status: response.status })
  }
  return fromErrorData({
    code,
    message: detail,
    remedy: problem.remedy ?? '',
    retryable: problem.retryable ?? false,
    details: problem.details ?? {},
    causes: problem.causes ?? [],
  })
}

function streamOf(response: HttpAnswer): StreamOutput {
  const number = (name: string) => Number(response.header(name) ?? 0)
  const disposition = response.header('content-disposition') ?? ''
  return {
    contentType: response.header('content-type') ?? '',
    fileName: /filename="([^"]*)"/.exec(disposition)?.[1] ?? 'rows',
    rows: number('millrace-rows'),
    totalRows: wholeNumber(response.header('millrace-total-rows')) ?? null,
    partitions: number('millrace-partitions'),
    partitionsAsked: number('millrace-partitions-asked'),
    commitNumber: number('millrace-commit'),
    etag: response.header('etag') ?? '',
    sizeBytes: wholeNumber(response.header('content-length')),
    receipt: response.header('millrace-receipt'),
    next: response.header('millrace-next'),
    accepted: acceptedOf(response),
    open: async () => response.body,
  }
}

/** An answer that became a delivery. */
function acceptedOf({ status, header }: HttpAnswer): StreamOutput['accepted'] {
  const location = header('location')
  if (status !== 202 || location === undefined) return undefined
  return { location, delivery: decodeURIComponent(location.split('/').at(-1) ?? '') }
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}
