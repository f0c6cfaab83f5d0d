import type { FastifyInstance, InjectOptions } from 'fastify'

import type { OperationItem, Parameter } from '#operations/openapi/openapi-types.ts'

/** An operation as the document describes it, with nothing of our code behind it. */
export interface Described {
  readonly path: string
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly item: OperationItem
}

export interface Answer {
  readonly request: string
  /** 0: it broke off. */
  readonly status: number
  readonly type: string
  readonly bytes: Buffer
}

const LONGEST_MS = 10_000

/** Sends the fields to where the document says that they belong. */
export async function callOperation(
  app: FastifyInstance,
  { path, method, item }: Described,
  input: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>>,
  body?: string,
): Promise<Answer> {
  const rest = new Map(Object.entries(input))
  const query = new URLSearchParams()
  let url = path
  const sent: Record<string, string> = { ...headers }
  for (const parameter of item.parameters ?? []) {
    if ('$ref' in parameter || !rest.has(parameter.name)) continue
    const value = rest.get(parameter.name)
    rest.delete(parameter.name)
    if (parameter.in === 'path') url = url.replace(`{${parameter.name}}`, encoded(textOf(value)))
    else if (parameter.in === 'header') sent[parameter.name] = headerText(textOf(value))
    else addToQuery(query, parameter, value)
  }
  // What belongs nowhere goes where strangers put it.
  if (method === 'GET') for (const [name, value] of rest) query.append(name, textOf(value))
  const isWrite = method !== 'GET'
  const bodyField = item['x-body-field']
  const whole = bodyField === undefined ? Object.fromEntries(rest) : rest.get(bodyField)
  const payload = body ?? JSON.stringify(whole) ?? ''
  const address = query.size > 0 ? `${url}?${query.toString()}` : url
  const request: InjectOptions = {
    method,
    url: address,
    headers: { ...(isWrite && { 'content-type': 'application/json' }), ...sent },
    ...(isWrite && { payload }),
    signal: AbortSignal.timeout(LONGEST_MS),
  }
  const shown = `${method} ${address.slice(0, 300)} ${isWrite ? payload.slice(0, 600) : ''}`
  let answer
  try {
    answer = await app.inject(request)
  } catch (error) {
    return { request: shown, status: 0, type: '', bytes: Buffer.from(String(error)) }
  }
  return {
    request: shown,
    status: answer.statusCode,
    type: String(answer.headers['content-type'] ?? '').split(';')[0] ?? '',
    bytes: answer.rawPayload,
  }
}

function addToQuery(query: URLSearchParams, { name, style }: Parameter, value: unknown): void {
  if (Array.isArray(value)) for (const one of value) query.append(name, textOf(one))
  else if (style === 'form' && typeof value === 'object' && value !== null) {
    for (const [inner, one] of Object.entries(value)) query.append(inner, textOf(one))
  } else query.append(name, textOf(value))
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}

function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?')
}
