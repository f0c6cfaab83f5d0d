import type { JailFacts } from '#engine/jail/jail-facts.ts'
import type { ErrorData } from '#kernel/errors.ts'
import type { JobCost, ResultColumn } from '#model/outcome.ts'
import type {
  ExplainedQuery,
  ParsedQuery,
  QueryFormat,
  QueryInput,
  QueryParameter,
} from '#engine/readers/query-job.ts'

/** What the parent asks of a reader's child, and what comes back: plain data, one task at a time. */
export type ReaderTask =
  | QueryTask
  | ExplainTask
  | { readonly kind: 'parse'; readonly sql: string }
  /** Asks the process about itself. */
  | { readonly kind: 'facts'; readonly paths: readonly string[] }

export interface StatementTask {
  readonly inputs: readonly QueryInput[]
  /** Equal for equal `inputs`. */
  readonly inputsKey: string
  readonly sql: string
  readonly parameters: Readonly<Record<string, QueryParameter>>
}

export interface QueryTask extends StatementTask {
  readonly kind: 'query'
  readonly format: QueryFormat
  readonly cells: 'raw' | 'spreadsheet'
  readonly rowsMax: number | null
  /** Where there are more rows, the file holds exactly `rowsMax`; else one more, to be cut off. */
  readonly exact: boolean
}

interface ExplainTask extends StatementTask {
  readonly kind: 'explain'
}

/** The tenant's instance, opened by the first task that names it. */
export interface InstanceSetup {
  readonly tenantId: number
  /** Existing private folder of this tenant in this child; the answer is `OUT_FILE` in it. */
  readonly folder: string
  readonly memoryBytes: number
  readonly threads: number
  /** Most bytes that it may spill; default: what the disk has to spare. */
  readonly spillBytesMax?: number
}

export const OUT_FILE = 'answer'

export type ToReader =
  | {
      readonly type: 'task'
      readonly id: number
      readonly subject: string
      readonly setup: InstanceSetup
      readonly task: ReaderTask
    }
  | { readonly type: 'cancel'; readonly id: number }
  /** Closes a tenant's instance; while no task runs. */
  | { readonly type: 'drop'; readonly tenantId: number }

export interface WrittenAnswer {
  readonly kind: 'query'
  readonly columns: readonly ResultColumn[]
  readonly rows: number
  readonly more: boolean
}

export type TaskResult =
  | WrittenAnswer
  | ({ readonly kind: 'explain' } & ExplainedQuery)
  | ({ readonly kind: 'parse' } & ParsedQuery)
  | ({ readonly kind: 'facts' } & JailFacts)

export type FromReader =
  | { readonly type: 'ready' }
  | {
      readonly type: 'done'
      readonly id: number
      readonly result: TaskResult
      readonly cost: JobCost
    }
  | {
      readonly type: 'failed'
      readonly id: number
      readonly error: ErrorData
      /** The process must not be used again. */
      readonly broken: boolean
    }
