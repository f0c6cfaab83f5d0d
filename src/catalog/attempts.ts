import type { TenantSession } from '#catalog/session.ts'
import type { ErrorData } from '#kernel/errors.ts'
import type { JobCost } from '#model/outcome.ts'

export interface Attempt {
  readonly taskId: number
  readonly number: number
  readonly worker: string
  readonly startedAt: Date
  readonly endedAt: Date | null
  /** `lost`: the lease ran out. `released`: given back untried. */
  readonly state:
    | 'running'
    | 'done'
    | 'unchanged'
    | 'held'
    | 'failed'
    | 'cancelled'
    | 'lost'
    | 'released'
  readonly error: ErrorData | null
  readonly cost: JobCost | null
}

export async function listAttempts(_session: TenantSession, _taskId: number): Promise<Attempt[]> {
  throw new Error('to be written')
}

export interface DatasetCost {
  readonly dataset: string
  /** Means per task over the newest attempts (at most 200) that ended well. */
  readonly wallMs: number
  readonly readBytes: number
  readonly attempts: number
}

/** What a task of each dataset has cost lately, for estimates; datasets without attempts are left out. */
export async function loadCosts(
  _session: TenantSession,
  _datasets: readonly string[],
): Promise<DatasetCost[]> {
  throw new Error('to be written')
}
