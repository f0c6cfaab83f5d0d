import type { JsonSchema } from '#operations/openapi/json-schema.ts'

/** An OpenAPI 3.1 document, as far as ours go. */
export interface OpenApiDocument {
  readonly openapi: string
  readonly info: Readonly<Record<string, unknown>> & {
    readonly title: string
    readonly version: string
  }
  readonly servers: readonly { readonly url: string }[]
  readonly tags: readonly { readonly name: string; readonly description: string }[]
  readonly security: readonly Readonly<Record<string, readonly string[]>>[]
  readonly paths: Readonly<Record<string, PathItem>>
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

export type PathItem = Readonly<Partial<Record<'get' | 'post' | 'delete', OperationItem>>>

export interface OperationItem {
  /** Name of the operation: `runs.start`. */
  readonly operationId: string
  readonly summary: string
  readonly description?: string
  readonly tags: readonly string[]
  readonly parameters?: readonly (Parameter | Reference)[]
  readonly requestBody?: RequestBody
  readonly responses: Readonly<Record<string, Response | Reference>>
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[]
  readonly deprecated?: true
  readonly 'x-permission': string
  /** Codes of problems that it is known to answer with, beside those that everything may. */
  readonly 'x-codes'?: readonly string[]
  readonly 'x-command'?: string
  /** The answer goes on until the caller leaves. */
  readonly 'x-endless'?: true
  /** The body is the value of this field as it is. */
  readonly 'x-body-field'?: string
  /** Of an endpoint. */
  readonly 'x-version'?: number
}

export interface Reference {
  readonly $ref: string
}

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required?: boolean
  readonly description?: string
  readonly schema?: JsonSchema
  readonly style?: 'form' | 'simple'
  readonly explode?: boolean
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>
  readonly example?: unknown
}

export interface RequestBody {
  readonly description?: string
  readonly required: boolean
  readonly content: Readonly<Record<string, MediaType>>
}

export interface MediaType {
  readonly schema: JsonSchema
  readonly example?: unknown
}

export interface Response {
  readonly description: string
  readonly headers?: Readonly<Record<string, Header | Reference>>
  readonly content?: Readonly<Record<string, MediaType>>
}

export interface Header {
  readonly description: string
  readonly schema: JsonSchema
}
