import type { CallOptions, OperationInfo } from './call.ts'
import { parseExact, stringifyExact } from './exact-json.ts'
import { operations, type Resources } from './operations.gen.ts'
import { rawRequest } from './raw-body.ts'
import { RowStream } from './row-stream.ts'
import { send, type Wanted } from './send.ts'

export interface ClientOptions {
  /** Address of the server; may have a path. */
  readonly url: string
  /** API key. Without one a browser sends the session that it has. */
  readonly key?: string
  /** For people and operators, who choose one; a key has its own. */
  readonly tenant?: string
  /**
   * True: integers beyond 2^53 come as `bigint`, other numbers that a double cannot hold as text.
   * Default: the nearest double.
   */
  readonly exact?: boolean
  /** Tries after the first one; default 3. Nothing is tried again that could be done twice. */
  readonly retries?: number
  /** Longest wait that the server may ask for before the error is thrown instead; default 60,000. */
  readonly retryAfterMaxMs?: number
  /** Default: that of the platform. */
  readonly fetch?: typeof fetch
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>
}

/** `client.runs.start({ … })`: every operation of the server. Nothing is sent before the first call. */
export type Client = Resources

type Fields = Readonly<Record<string, unknown>>

export function createClient(options: ClientOptions): Client {
  const base = options.url.replace(/\/+$/, '')
  const parse: (text: string) => unknown = options.exact ? parseExact : JSON.parse
  const sending = {
    fetch: options.fetch ?? ((url, init) => globalThis.fetch(url, init)),
    retries: options.retries ?? 3,
    retryAfterMaxMs: options.retryAfterMaxMs ?? 60_000,
  }
  const common: Record<string, string> = {
    ...options.headers,
    ...(options.key !== undefined && { authorization: `Bearer ${options.key}` }),
    ...(options.tenant !== undefined && { 'millrace-tenant': options.tenant }),
  }

  async function call(info: OperationInfo, input: Fields, callOptions: CallOptions) {
    const response = await send(sending, toRequest(base, common, info, input, callOptions))
    return info.stream ? new RowStream(response, parse) : parse(await response.text())
  }

  async function* each(info: OperationInfo, input: Fields, callOptions: CallOptions) {
    const { cursor, items } = info.page ?? { cursor: '', items: '' }
    let at: unknown = input[cursor]
    do {
      const asked = at == null ? input : { ...input, [cursor]: at }
      const page = (await call(info, asked, callOptions)) as Record<string, unknown>
      yield* page[items] as unknown[]
      at = page['next']
    } while (at != null)
  }

  const methodOf = (info: OperationInfo) => {
    const [, named = ''] = /\{(\w+)\}/.exec(info.path) ?? []
    const method = (first: unknown = {}, second: object = {}, third: CallOptions = {}) =>
      typeof first === 'object' && first !== null
        ? call(info, first as Fields, second)
        : call(info, { [named]: first, ...second }, third)
    if (!info.page) return method
    const every = (input: Fields = {}, more: CallOptions = {}) => each(info, input, more)
    return Object.assign(method, { each: every })
  }
  const resources = Object.entries(operations).map(([resource, verbs]) => [
    resource,
    Object.fromEntries(Object.entries(verbs).map(([verb, info]) => [verb, methodOf(info)])),
  ])
  return Object.fromEntries(resources) as Client
}

function toRequest(
  base: string,
  common: Readonly<Record<string, string>>,
  info: OperationInfo,
  input: Fields,
  { signal, idempotencyKey }: CallOptions,
): Wanted {
  const { method, headers: inHeaders = {}, repeat } = info
  const headers: Record<string, string> = { ...common }
  const rest = new Map(Object.entries(input).filter(([, value]) => value !== undefined))
  const path = info.path.replace(/\{(\w+)\}/g, (_whole, name: string) => {
    const value = rest.get(name)
    rest.delete(name)
    if (value === undefined || value === '') throw new TypeError(`${info.name} needs "${name}"`)
    return encodeURIComponent(String(value))
  })
  for (const [name, header] of Object.entries(inHeaders)) {
    const value = rest.get(name)
    if (value !== undefined) headers[header] = String(value)
    rest.delete(name)
  }
  if (repeat === 'key' || repeat === 'own-key') {
    headers['idempotency-key'] ??= idempotencyKey ?? crypto.randomUUID()
  }
  const query = method === 'GET' ? queryOf(info, rest) : ''
  const { body, headers: ofBody } = bodyOf(info, rest)
  Object.assign(headers, ofBody)
  const credentials = 'authorization' in headers ? 'omit' : 'same-origin'
  return {
    url: `${base}${path}${query}`,
    init: { method, headers, credentials, ...(body !== undefined && { body }) },
    repeat: repeat === 'no' ? 'refused' : 'all',
    signal,
  }
}

function bodyOf(info: OperationInfo, fields: Map<string, unknown>) {
  const { method, raw } = info
  if (method === 'GET') return { body: undefined, headers: {} }
  if (raw) return rawRequest({ ...info, raw }, fields)
  const headers = { 'content-type': 'application/json' }
  return { body: stringifyExact(Object.fromEntries(fields)), headers }
}

function queryOf({ gathers = {} }: OperationInfo, fields: ReadonlyMap<string, unknown>): string {
  const query = new URLSearchParams()
  for (const [name, value] of fields) {
    const prefix = gathers[name]
    if (prefix !== undefined && typeof value === 'object' && value !== null) {
      for (const [inner, said] of Object.entries(value)) {
        // One column may have several conditions.
        for (const one of [said].flat()) query.append(prefix + inner, String(one))
      }
    } else if (Array.isArray(value)) {
      for (const one of value) query.append(name, String(one))
    } else {
      query.append(name, typeof value === 'object' ? stringifyExact(value) : String(value))
    }
  }
  return query.size > 0 ? `?${query.toString()}` : ''
}
