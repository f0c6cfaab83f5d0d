import type { TenantSession } from '#catalog/session.ts'
import type { PublishedPartition } from '#model/run.ts'

export interface PublishRequest {
  /** `main` until branches come. */
  readonly environment: string
  readonly dataset: string
  readonly runId: string
  /**
   * Adopted files, durable already. The rows of every partition lie in the data files; a quarantine
   * file belongs to all partitions of the request.
   */
  readonly files: readonly PublishedFile[]
  readonly partitions: readonly PublishedPartition[]
}

export interface PublishedFile {
  /** Relative to the lake. */
  readonly path: string
  readonly sizeBytes: number
  readonly sha256: string
  readonly rows: number
  readonly role: 'data' | 'quarantine'
}

export interface Publication {
  /** Null when every partition was held: nothing became visible. */
  readonly commitNumber: number | null
  /** Parallel to the request's partitions. */
  readonly versionIds: readonly number[]
}

/**
 * Makes the partitions visible and ends their tasks `done` (or `held`), in the caller's transaction:
 * versions, extents and check results in, pointers moved, dependents released or skipped, the
 * tenant's next commit number taken, the run ended with its last task.
 *
 * Fenced: throws `lease-lost` when one of the tasks is no longer ours, and changes nothing then.
 */
export async function publish(
  _session: TenantSession,
  _request: PublishRequest,
): Promise<Publication> {
  throw new Error('to be written')
}
