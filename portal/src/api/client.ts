import { createClient, type Client } from '#sdk/client.ts'
import { home, keyOfTab } from '~/api/place.ts'

const clients = new Map<string, Client>()

/** The typed client for a tenant; null: for what belongs to none. */
export function clientFor(tenant: string | null): Client {
  const key = keyOfTab()
  const name = `${key ?? ''} ${tenant ?? ''}`
  let client = clients.get(name)
  if (client === undefined) {
    client = createClient({
      url: home,
      // Integers beyond 2^53 and long decimals are shown as they are.
      exact: true,
      retries: 2,
      retryAfterMaxMs: 3_000,
      ...(key !== null && { key }),
      ...(tenant !== null && key === null && { tenant }),
    })
    clients.set(name, client)
  }
  return client
}

type Names<R extends keyof Client> = `${R & string}.${keyof Client[R] & string}`

/** `runs.list`: every operation of the server. */
export type OperationName = { [R in keyof Client]: Names<R> }[keyof Client]

type MethodOf<Name extends OperationName> = Name extends `${infer R}.${infer V}`
  ? R extends keyof Client
    ? V extends keyof Client[R]
      ? Client[R][V]
      : never
    : never
  : never

/** What is sent; operations that may be called by the thing's name alone take the whole object here. */
export type InputOf<Name extends OperationName> =
  MethodOf<Name> extends {
    (input: infer Input, options?: never): unknown
    (name: never, ...more: never): unknown
  }
    ? Input
    : MethodOf<Name> extends (input: infer Input, ...more: never) => unknown
      ? NonNullable<Input>
      : never

export type OutputOf<Name extends OperationName> =
  MethodOf<Name> extends (...input: never) => Promise<infer Output> ? Output : never

export interface CallOptions {
  readonly signal?: AbortSignal | undefined
  readonly idempotencyKey?: string | undefined
}

/** Calls an operation by its name. Throws `MillraceError`. */
export function callOperation<Name extends OperationName>(
  tenant: string | null,
  name: Name,
  input: InputOf<Name>,
  options: CallOptions = {},
): Promise<OutputOf<Name>> {
  const [resource = '', verb = ''] = name.split('.')
  const methods = clientFor(tenant)[resource as keyof Client] as unknown as Record<
    string,
    (input: unknown, options: CallOptions) => Promise<OutputOf<Name>>
  >
  const method = methods[verb]
  if (method === undefined) throw new Error(`there is no operation ${name}`)
  return method(input, options)
}
