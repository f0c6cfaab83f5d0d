import type { Readable } from 'node:stream'
import type { z } from 'zod'

import type { Access } from '#model/access.ts'
import type { Tenant } from '#model/tenant.ts'
import type { Parts } from '#operations/parts.ts'

/**
 * What somebody may do in a tenant.
 *
 *   read      see published data and states
 *   export    take whole datasets
 *   write     bring in data, configure sources, schedules and subjects
 *   run       start and stop work
 *   admin     people, keys, settings and audit of the tenant
 *   owner     end the tenant, take all of it away, name owners
 *   operator  company staff: across tenants, and what belongs to the deployment
 */
export const permissions = ['read', 'export', 'write', 'run', 'admin', 'owner', 'operator'] as const
export type Permission = (typeof permissions)[number]

/** A user who has signed in. */
export interface Person {
  readonly userId: string
  readonly email: string
  readonly sessionId: string
}

/** Who asks, as the door established it. */
export interface Identity {
  /** For the log of who did what: `key mk_ab12…`, `user usr_…`, `operator`, `local`, `nobody`. */
  readonly name: string
  /** Null for keys and for nobody. */
  readonly person: Person | null
}

/** Somebody who asks for a tenant. */
export interface Caller extends Identity {
  readonly tenant: Tenant
  readonly permissions: ReadonlySet<Permission>
  /** Limits what is seen of published data. */
  readonly access: Access
  /** An operator who looks as a role of the tenant does: he changes nothing, and each step is noted. */
  readonly viewing?: { readonly role: string; readonly until: Date }
}

export const nobody: Identity = Object.freeze({ name: 'nobody', person: null })

/** Rows as a byte stream, in place of a JSON answer. */
export interface StreamOutput {
  readonly contentType: string
  readonly fileName: string
  /** Rows in the stream, and without a limit; null: nobody has counted those. */
  readonly rows: number
  readonly totalRows: number | null
  /** Partitions that are read, and how many were asked for: fewer when some are not published. */
  readonly partitions: number
  readonly partitionsAsked: number
  /** The tenant's newest publish that the rows come from. */
  readonly commitNumber: number
  /** Equal for the same request over the same versions. */
  readonly etag: string
  /** Of the whole stream, where it is known. */
  readonly sizeBytes?: number | undefined
  /** Id of the receipt that says where the rows come from. */
  readonly receipt?: string | undefined
  /** Cursor of the page behind this one; null: there is none. */
  readonly next?: string | null | undefined
  /** What else the answer says over HTTP: `deprecation`, `sunset`, `link`. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** The rows are too many for one answer: they become a delivery, and the stream is its JSON. */
  readonly accepted?: { readonly delivery: string; readonly location: string } | undefined
  /** Produces the bytes; whoever calls it reads the stream to its end or destroys it. */
  open(signal?: AbortSignal): Promise<Readable>
  /** Bytes from `start` to `end`, both included: the stream may be fetched in parts, and is sent as it is. */
  openRange?(
    range: { readonly start: number; readonly end: number },
    signal?: AbortSignal,
  ): Promise<Readable>
  /** In place of `open`: nobody wants the bytes. */
  close?(): Promise<void>
}

export type OutputOf<Output extends z.ZodType | 'stream'> = Output extends z.ZodType
  ? z.input<Output>
  : StreamOutput

/** The way that a request came in, for the few operations that depend on it. */
export interface Door {
  /** Network address of whoever asks, behind the proxies that are believed; null in this process. */
  readonly address: string | null
  /** Name that the program of whoever asks gives itself; null where there is none. */
  readonly agent: string | null
  readonly requestId: string | null
  /** Begins the browser's session, or ends it with null; nothing where there is no browser. */
  setSession(session: { readonly token: string; readonly expiresAt: Date } | null): void
  /** What this browser keeps of a sign-on that it has begun; absent where there is no browser. */
  readonly signOn?: { readonly flow: string | null; keep(flow: string | null): void }
  /** The key that a write came with, and how to say that its answer is that of an earlier one. */
  readonly idempotency?: { readonly key: string; replayed(): void }
}

export interface OperationContext<Who extends Identity = Caller> {
  readonly parts: Parts
  readonly caller: Who
  readonly door: Door
  /** Aborted when the caller has gone. */
  readonly signal: AbortSignal
}

/** Which fields a body of bytes and its headers are. */
export interface RawBody {
  /** The bytes, a `Uint8Array`. */
  readonly field: string
  /** Of the media type, and what each type is called in it. */
  readonly formatField: string
  readonly formats: Readonly<Record<string, string>>
  /** Of `Content-Encoding`; left out where there is none. */
  readonly encodingField: string
}

/**
 * One thing that Millrace can do, defined once in `src/operations/<resource>/<verb>.ts`; REST and
 * CLI (later OpenAPI, GraphQL, SDK) are derived from it. The tenant comes with the caller and is
 * never a field of the input.
 */
export interface Operation<
  Input extends z.ZodObject = z.ZodObject,
  Output extends z.ZodType | 'stream' = z.ZodType | 'stream',
  Who extends Identity = Identity,
> {
  /** `<resource>.<verb>`: `runs.undo`. */
  readonly name: string
  readonly summary: string
  /** `person`: whoever has signed in, in no tenant; `anyone`: before that. */
  readonly permission: Permission | 'person' | 'anyone'
  /**
   * Closed object schema of flat fields; every field has a description. A field that names a thing of
   * the tenant carries `.meta({ names: '<kind>' })`, one that is not to be seen `.meta({ secret: true })`.
   */
  readonly input: Input
  readonly output: Output
  readonly rest: {
    readonly method: 'GET' | 'POST' | 'DELETE'
    /** With `{name}` for input fields that are part of the path. */
    readonly path: string
    /**
     * Fields that are objects of texts, each with the beginning of the query's names that belong to
     * it: `{ where: 'where.' }` takes `?where.company=eq.acme`. An empty one takes every name that
     * is no field.
     */
    readonly gathers?: Readonly<Record<string, string>>
    /** The path may end with the format: `rows.csv`. */
    readonly formatSuffix?: true
    /** Fields that may come as a header: its name in lower case. */
    readonly headers?: Readonly<Record<string, string>>
    /** The stream goes on for as long as its caller may have it, and says nothing of rows. */
    readonly endless?: true
    /** A body that is an array is this field. */
    readonly arrayField?: string
    /** Largest body; default: the server's. */
    readonly bodyBytesMax?: number
    /** The body is no JSON of fields: its bytes are a field, as they arrive. */
    readonly rawBody?: RawBody
    /** Field of the output with the address that a browser goes on to. */
    readonly redirect?: string
  }
  /** Required fields that the command line takes as arguments, beside those of the path. */
  readonly argumentFields?: readonly string[]
  /**
   * Where it works for a tenant whose data lie in a cell: what `parts` and `parts.catalog` are. Default:
   * `tenant`, its cell, for the permissions read, export, write and run; else `directory`.
   */
  readonly home?: 'directory' | 'tenant'
  /** It applies the caller's `access`; whoever has a limited one may call nothing else. */
  readonly honoursAccess?: true
  /**
   * Fields whose values stand in the tenant's audit log, beside those of the path. `none`: no row, for
   * traffic of machines that leaves traces of its own. For operators each is noted, and reading, too.
   */
  readonly audit?: readonly string[] | 'none'
  handler(input: z.output<Input>, context: OperationContext<Who>): Promise<OutputOf<Output>>
}

/** An operation of a tenant. */
export function defineOperation<Input extends z.ZodObject, Output extends z.ZodType | 'stream'>(
  operation: Operation<Input, Output, Caller> & { readonly permission: Permission },
): Operation<Input, Output, Caller> {
  return operation
}

/** An operation for whoever has signed in, in no tenant. */
export function definePersonOperation<
  Input extends z.ZodObject,
  Output extends z.ZodType | 'stream',
>(
  operation: Operation<Input, Output, SignedIn> & { readonly permission: 'person' },
): Operation<Input, Output, SignedIn> {
  return operation
}

export interface SignedIn extends Identity {
  readonly person: Person
}

/** An operation that needs no credential: it proves by itself who asks. */
export function defineOpenOperation<Input extends z.ZodObject, Output extends z.ZodType | 'stream'>(
  operation: Operation<Input, Output, Identity> & { readonly permission: 'anyone' },
): Operation<Input, Output, Identity> {
  return operation
}
