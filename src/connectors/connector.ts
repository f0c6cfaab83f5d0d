import type { Agent as HttpAgent } from 'node:http'
import type { Agent as HttpsAgent } from 'node:https'
import type { z } from 'zod'

import type { KeptObjects } from '#connectors/kept-objects.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Logger } from '#kernel/logger.ts'
import type { Random } from '#kernel/random.ts'

/** One object as its system describes it, without its bytes. */
export interface ObjectInfo {
  /** Full address as a person would write it, for messages and receipts: `s3://bucket/2021/04/events.csv`. */
  readonly location: string
  readonly sizeBytes: number
  /** Changes whenever the bytes change; opaque. */
  readonly etag: string
  readonly modifiedAt: Date
}

export interface FetchRequest {
  readonly location: string
  /** Skip the transfer when the object still has this tag. */
  readonly knownEtag?: string | undefined
  /** A file that does not exist yet, in an existing folder on the local disk. */
  readonly toPath: string
  readonly onProgress?: (bytes: number, totalBytes: number) => void
  readonly signal?: AbortSignal | undefined
}

export type FetchResult =
  | { readonly changed: false; readonly info: ObjectInfo }
  /** `toPath` holds exactly the bytes that `info` describes: length and, where the system tells one, checksum verified. */
  | { readonly changed: true; readonly info: ObjectInfo }

export interface ConnectorContext {
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** Absolute folder that relative paths start from. */
  readonly baseFolder: string
  /** Agents that guard calls to user-given addresses; without them: Node's own. */
  readonly agents?: { readonly http: HttpAgent; readonly https: HttpsAgent } | undefined
  /** What Millrace keeps of the tenant; only for types that say `ofTenant`. */
  readonly kept?: KeptObjects
}

export interface ListOptions {
  readonly signal?: AbortSignal | undefined
  /** Objects more than so many `/` below the prefix are of no interest; a connector may leave them out. */
  readonly levels?: number
}

/**
 * Code that talks to one outside system. An instance is bound to one tenant's options.
 *
 * A caller may assume: errors are MillraceErrors (`object-missing`, `source-unreachable`,
 * `source-denied`, `source-damaged`, …) whose `retryable` is right; passing faults were already
 * retried within the connector's own budget; nothing is left at `toPath` after an error; an
 * aborted signal ends every wait.
 */
export interface Connector {
  /** The full address, as in `ObjectInfo.location`, without asking the other system. `{placeholders}` stay. */
  resolve(location: string): string
  /** The object as it is now. Throws `object-missing`. */
  stat(location: string, signal?: AbortSignal): Promise<ObjectInfo>
  fetch(request: FetchRequest): Promise<FetchResult>
  /** Objects whose full address begins with the prefix, ordered by the UTF-8 bytes of their addresses. */
  list(prefix: string, options?: ListOptions): AsyncIterable<ObjectInfo>
  close(): Promise<void>
}

/** Constant facts and the maker of instances; one per folder in `src/connectors/`; `conformance.ts` holds every instance to the contract above. */
export interface ConnectorType<Options = unknown> {
  readonly name: string
  /** URL schemes of the locations that it serves, without the colon; `''` is a plain path. */
  readonly schemes: readonly string[]
  /** Closed schema of the tenant's options. */
  readonly options: z.ZodType<Options>
  /** Names of options that are encrypted when they are stored, and never shown. */
  readonly secretOptions: readonly string[]
  /** True: what it reads is kept by Millrace, so an instance is opened for one tenant and shared with no other. */
  readonly ofTenant?: boolean
  open(options: Options, context: ConnectorContext): Connector
}
