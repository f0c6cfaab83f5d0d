import type { Readable } from 'node:stream'
import type { z } from 'zod'

import type { Tenant } from '#model/tenant.ts'
import type { Parts } from '#operations/parts.ts'

/** What a caller must be allowed to do. `operator`: company staff on this machine or with an operator's key. */
export const permissions = ['read', 'run', 'operator'] as const
export type Permission = (typeof permissions)[number]

/** Who asks, as the door established it. */
export interface Caller {
  readonly tenant: Tenant
  readonly permissions: ReadonlySet<Permission>
  /** For the log of who did what: `key mk_ab12…`, `local`. */
  readonly name: string
}

/** Rows as a byte stream, in place of a JSON answer. */
export interface StreamOutput {
  readonly contentType: string
  readonly fileName: string
  /** Rows in the stream, and rows of these partitions without a limit. */
  readonly rows: number
  readonly totalRows: number
  /** Partitions that are read, and how many were asked for: fewer when some are not published. */
  readonly partitions: number
  readonly partitionsAsked: number
  /** The tenant's newest publish that the rows come from. */
  readonly commitNumber: number
  /** Equal for the same request over the same versions. */
  readonly etag: string
  /** Produces the bytes; whoever calls it reads the stream to its end or destroys it. */
  open(signal?: AbortSignal): Promise<Readable>
}

export type OutputOf<Output extends z.ZodType | 'stream'> = Output extends z.ZodType
  ? z.input<Output>
  : StreamOutput

export interface OperationContext {
  readonly parts: Parts
  readonly caller: Caller
  /** Aborted when the caller has gone. */
  readonly signal: AbortSignal
}

/**
 * One thing that Millrace can do, defined once in `src/operations/<resource>/<verb>.ts`; REST and
 * CLI (later OpenAPI, GraphQL, SDK) are derived from it. The tenant comes with the caller and is
 * never a field of the input.
 */
export interface Operation<
  Input extends z.ZodObject = z.ZodObject,
  Output extends z.ZodType | 'stream' = z.ZodType | 'stream',
> {
  /** `<resource>.<verb>`: `runs.undo`. */
  readonly name: string
  readonly summary: string
  readonly permission: Permission
  /** Closed object schema of flat fields; every field has a description. */
  readonly input: Input
  readonly output: Output
  readonly rest: {
    readonly method: 'GET' | 'POST' | 'DELETE'
    /** With `{name}` for input fields that are part of the path. */
    readonly path: string
    /** Fields that may come as a header: its name in lower case. */
    readonly headers?: Readonly<Record<string, string>>
    /** A body that is an array is this field. */
    readonly arrayField?: string
    /** Largest body; default: the server's. */
    readonly bodyBytesMax?: number
  }
  /** Required fields that the command line takes as arguments, beside those of the path. */
  readonly argumentFields?: readonly string[]
  handler(input: z.output<Input>, context: OperationContext): Promise<OutputOf<Output>>
}

export function defineOperation<Input extends z.ZodObject, Output extends z.ZodType | 'stream'>(
  operation: Operation<Input, Output>,
): Operation<Input, Output> {
  return operation
}
