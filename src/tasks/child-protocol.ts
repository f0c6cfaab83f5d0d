import type { TaskProgress } from '#catalog/background-tasks.ts'
import type { TaskContext } from '#tasks/task-context.ts'

/** Tasks of one name that a child carries out one after the other. */
export interface ChildBatch {
  readonly name: string
  readonly tenant: string
  readonly codeVersion: string
  /** Null: the child has had the code of that version. */
  readonly code: string | null
  readonly tasks: readonly ChildTask[]
}

interface ChildTask {
  readonly id: string
  readonly attempt: number
  readonly idempotencyKey: string
  /** JSON. */
  readonly payload: string
}

/** How one task came out: JSON (null: nothing), or an error. */
export type ChildOutcome =
  | { readonly result: string | null; readonly wallMs: number }
  | { readonly failure: ChildFailure; readonly wallMs: number }

export interface ChildFailure {
  readonly message: string
  /** False: another attempt would end the same way. */
  readonly retryable: boolean
  readonly retryAfterMs: number | null
}

export type ChildRequest = Parameters<TaskContext['request']>[0]
export type ChildResponse = Awaited<ReturnType<TaskContext['request']>>

export type ToChild =
  | { readonly type: 'batch'; readonly batch: ChildBatch }
  /** Begin no further task. */
  | { readonly type: 'stop' }
  /** Abort the signal of the task under way, if it is this one. */
  | { readonly type: 'abort'; readonly index: number; readonly reason: string }
  | { readonly type: 'response'; readonly request: number; readonly response: ChildResponse }
  | { readonly type: 'no-response'; readonly request: number; readonly message: string }

export type FromChild =
  /** Task `index` has ended; the next one begins unless `batch-ended` follows at once. */
  | { readonly type: 'ended'; readonly index: number; readonly outcome: ChildOutcome }
  /** All is done that was begun. */
  | { readonly type: 'batch-ended' }
  | { readonly type: 'progress'; readonly index: number; readonly progress: TaskProgress }
  | { readonly type: 'log'; readonly index: number; readonly message: string }
  | { readonly type: 'request'; readonly id: number; readonly request: ChildRequest }
