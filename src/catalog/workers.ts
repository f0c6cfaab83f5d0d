import type { SystemSession } from '#catalog/session.ts'

export interface WorkerReport {
  /** Unique for all times: a name that comes back would take over the leases of its forerunner. */
  readonly id: string
  readonly host: string
  readonly version: string
  /** Parts that run in its process. */
  readonly parts: readonly string[]
  /** Beginnings of the lanes that it takes tasks from. */
  readonly lanes: readonly string[]
  readonly tags: readonly string[]
  readonly slots: number
  readonly busy: number
  readonly leaseMs: number
  readonly stopping: boolean
}

export interface Worker extends Omit<WorkerReport, 'leaseMs' | 'stopping'> {
  readonly startedAt: Date
  readonly seenAt: Date
  /** `gone`: unseen for three leases. */
  readonly state: 'running' | 'stopping' | 'gone'
}

export async function reportWorker(session: SystemSession, report: WorkerReport): Promise<void> {
  await session.query('SELECT worker_seen($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)', [
    report.id,
    report.host,
    report.version,
    report.parts,
    report.lanes,
    report.tags,
    report.slots,
    report.busy,
    report.leaseMs,
    report.stopping,
  ])
}

/** It has stopped and holds no lease. */
export async function removeWorker(session: SystemSession, id: string): Promise<void> {
  await session.query('SELECT worker_left($1)', [id])
}

/** By host; those that are gone are listed for an hour. */
export async function listWorkers(session: SystemSession): Promise<Worker[]> {
  return session.query<Worker>(
    `SELECT id, host, version, parts, lanes, tags, slots, busy, started_at AS "startedAt",
       seen_at AS "seenAt", state
     FROM worker_list()`,
  )
}
