/** What the function of a background task is handed, beside the payload. */
export interface TaskContext {
  /** `task_…`, as APIs name it. */
  readonly id: string
  readonly name: string
  /** Whose task it is. */
  readonly tenant: string
  /** From 1. */
  readonly attempt: number
  /** The same in every attempt: hand it to services that know idempotency keys. */
  readonly idempotencyKey: string
  /** The payload byte for byte, for numbers that JavaScript cannot hold. */
  readonly payloadText: string
  /** Aborted when the task is cancelled, or its time is up: the process is killed two seconds later. */
  readonly signal: AbortSignal
  /** Kept once a second at most; shown with the task. */
  progress(done: number, total?: number, message?: string): void
  /** A line of the task's log. */
  log(message: string): void
  /**
   * A request to another service, from this machine's network as the operator allows it. Any status
   * is an answer; it throws where there is none.
   */
  request(request: TaskRequest): Promise<TaskResponse>
}

interface TaskRequest {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Default 30 s. */
  readonly timeoutMs?: number
}

interface TaskResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}
