import type { LiveFile } from '#engine/job-base.ts'
import type { JobCost, ResultColumn } from '#model/outcome.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { SeenRows } from '#model/seen-rows.ts'

/** A dataset as a table of the statement, under its own name. */
export interface QueryInput {
  readonly dataset: string
  /** Local paths; the caller holds them (`lake.hold()`) until the query has ended. */
  readonly files: readonly LiveFile[]
  /** Rows of these partitions only; null: of all that are live in the files. */
  readonly partitions: readonly PartitionKey[] | null
  /** Columns of an input that has no file yet; null: taken from the files. */
  readonly columns: readonly ResultColumn[] | null
  /** What of the rows is seen; null: all of it. Nothing else of the dataset can be reached. */
  readonly seen: SeenRows | null
  /** The name of a row's partition as the first column `partition`; null: there is none. */
  readonly asColumn: 'partition' | null
  /** True: rows come partition by partition in the order of `partitions`, unless the statement sorts. */
  readonly inOrder?: boolean
}

/** Bound as a value of its type, never part of the text. Lists have a type such as `VARCHAR[]`. */
export interface QueryParameter {
  readonly type: string
  readonly value: string | null | readonly string[]
}

export type QueryFormat = 'json' | 'ndjson' | 'csv' | 'parquet'

/** One SELECT over datasets of one tenant. */
export interface QueryJob {
  /** No engine instance ever holds two tenants. */
  readonly tenantId: number
  /** As messages name it: `endpoint top_users`. */
  readonly subject: string
  readonly inputs: readonly QueryInput[]
  /** One SELECT that reads nothing but `inputs`, its own WITH and pure table functions; checked in the child. */
  readonly sql: string
  /** By the name that stands in the text as `$name`; each that stands there is given. */
  readonly parameters: Readonly<Record<string, QueryParameter>>
  readonly format: QueryFormat
  /** `spreadsheet` (CSV only): texts that a spreadsheet would run as a formula get a leading `'`. */
  readonly cells: 'raw' | 'spreadsheet'
  readonly to: { readonly kind: 'inline' } | { readonly kind: 'file'; readonly path: string }
  /** Stops behind so many rows with `more: true`; null: all rows. */
  readonly rowsMax: number | null
  /** `deadlineMs` counts from the start of the query; `bytesMax` holds for the answer in its format. */
  readonly limits: { readonly deadlineMs: number; readonly bytesMax: number }
  /** Where it runs: SQL of customers in the jail. */
  readonly trust: 'company' | 'customer'
}

export interface QueryResult {
  /** At most `rowsMax`. */
  readonly rows: number
  /** There are rows behind those. */
  readonly more: boolean
  readonly columns: readonly ResultColumn[]
  /**
   * Of an inline answer; `json` is the text of an array without white space between its rows. In JSON,
   * integers and decimals keep all digits, NaN and infinities are null.
   */
  readonly bytes: Uint8Array | null
  /** Of one to a file: synced under the path that was asked for. */
  readonly file: {
    readonly path: string
    readonly sizeBytes: number
    readonly sha256: string
  } | null
  readonly cost: JobCost
}

/** What a statement reads, told without running it. */
export interface ParsedQuery {
  /** Names of tables as they are written, each once, in order of appearance. */
  readonly tables: readonly string[]
  /** Names of its `$parameters`, each once. */
  readonly parameters: readonly string[]
}

export interface ExplainedQuery {
  readonly columns: readonly ResultColumn[]
  /** The engine's plan as text. */
  readonly plan: string
}

export interface QueryOptions {
  /** Aborting interrupts the query, or takes it out of the queue: `engine-cancelled`. */
  readonly signal?: AbortSignal | undefined
  /** Bytes written so far, a few times a second. */
  readonly onProgress?: ((progress: { readonly bytes: number }) => void) | undefined
}

/**
 * Runs SELECTs over published files in warm child processes. A caller may assume: whatever a query
 * does (crash, hang, eat memory) this process is not harmed; the promise settles at most 2 s after the
 * deadline; one tenant's queries never take all slots; a query whose process has crashed under it is
 * tried once more in another one. Throws `queries-too-many` where the tenant's queue is full,
 * `query-invalid` for SQL that cannot be run, `engine-deadline`, `engine-memory`, `answer-too-large`.
 */
export interface Readers {
  run(job: QueryJob, options?: QueryOptions): Promise<QueryResult>
  /** Throws `query-invalid` for anything but one SELECT over tables. */
  parse(
    query: Pick<QueryJob, 'tenantId' | 'sql' | 'trust'>,
    options?: QueryOptions,
  ): Promise<ParsedQuery>
  /** Plans, and runs nothing. */
  explain(
    job: Omit<QueryJob, 'format' | 'cells' | 'to' | 'rowsMax'>,
    options?: QueryOptions,
  ): Promise<ExplainedQuery>
  /** Why SQL of customers is not run here, as the end of a sentence; null: it is. Tried out once. */
  customerSqlProblem(): Promise<string | null>
  /** Starts a child ahead of the first query. */
  warm(): void
  /** Ends all children; running queries reject with `engine-closed`. */
  close(): Promise<void>
}
