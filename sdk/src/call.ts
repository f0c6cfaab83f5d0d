import type { RowStream } from './row-stream.ts'

export interface CallOptions {
  /** Ends the call, waiting for another try included. */
  readonly signal?: AbortSignal | undefined
  /** Of a write: the same key is carried out once. Default: a new one for each call. */
  readonly idempotencyKey?: string | undefined
}

export type Call<Input, Output> = (input: Input, options?: CallOptions) => Promise<Output>

export type OptionalCall<Input, Output> = (input?: Input, options?: CallOptions) => Promise<Output>

/** The thing that the address names may come first: `client.runs.get('last', { waitMs: 5000 })`. */
export interface NamedCall<Input, Output, Name extends keyof Input> {
  (input: Input, options?: CallOptions): Promise<Output>
  (name: Input[Name], ...more: More<Omit<Input, Name>>): Promise<Output>
}

/** The other fields may be left out where none is needed. */
type More<Rest> = object extends Rest
  ? [rest?: Rest, options?: CallOptions]
  : [rest: Rest, options?: CallOptions]

export interface ListCall<Input, Output, Item> {
  /** One page. */
  (input?: Input | Record<string, never>, options?: CallOptions): Promise<Output>
  /** Every item of every page, fetched as they are read. */
  each(
    input?: Input | Record<string, never>,
    options?: CallOptions,
  ): AsyncGenerator<Item, void, void>
}

export type NamedStreamCall<Input, Name extends keyof Input> = NamedCall<Input, RowStream, Name>

export type StreamCall<Input> = (input: Input, options?: CallOptions) => Promise<RowStream>

/** Rows that are sent: objects, or the text or bytes of a file, whose `format` is to be said. */
export type RowsToSend = readonly object[] | string | Uint8Array

/** How an operation is called, from its definition on the server. */
export interface OperationInfo {
  readonly name: string
  readonly method: string
  /** Fields of the path in braces. */
  readonly path: string
  /** What makes it safe to try again: nothing is needed, a key, a key of its own, or it is not safe. */
  readonly repeat: string
  readonly stream?: boolean
  /** Fields that go as a header. */
  readonly headers?: Readonly<Record<string, string>>
  /** Fields that are objects of query parameters, with the beginning of their names. */
  readonly gathers?: Readonly<Record<string, string>>
  /** The body is one field, as it is: which, and where it is said what it is. */
  readonly raw?: {
    readonly field: string
    readonly formatField: string
    readonly encodingField: string
    /** Media types by the names of the formats. */
    readonly types: Readonly<Record<string, string>>
  }
  readonly page?: { readonly cursor: string; readonly items: string }
}
