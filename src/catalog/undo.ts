import type { TenantSession } from '#catalog/session.ts'
import type { PartitionKey } from '#model/partition-key.ts'

export interface Undone {
  /** Null when no pointer was moved. */
  readonly commitNumber: number | null
  readonly restored: readonly {
    readonly dataset: string
    readonly partition: PartitionKey
    readonly to: 'former' | 'nothing'
  }[]
  /** Left alone: `byRun` has published since; null: the former version's files are swept. */
  readonly kept: readonly {
    readonly dataset: string
    readonly partition: PartitionKey
    readonly byRun: string | null
  }[]
}

/**
 * Moves the pointers back that still point at the run's versions, as one commit. Doing it again
 * restores nothing. Throws `run-unknown`, `run-running`.
 */
export async function undoRun(_session: TenantSession, _runId: string): Promise<Undone> {
  throw new Error('to be written')
}
