import type { TenantSession } from '#catalog/session.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { CheckOutcome } from '#model/outcome.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { Run, SourceOrigin } from '#model/run.ts'

const RUN_COLUMNS = `id, state, cause, title, created_at AS "createdAt", ended_at AS "endedAt",
  undone_at AS "undoneAt", plan`

/** Null when the tenant has no such run. */
export async function getRun(session: TenantSession, runId: string): Promise<Run | null> {
  const [run] = await session.query<Run>(
    `SELECT ${RUN_COLUMNS} FROM run WHERE tenant_id = $1 AND id = $2`,
    [session.tenant.id, runId],
  )
  return run ?? null
}

export interface RunFilter {
  readonly limit: number
  /** Ids older than this one, to page on. */
  readonly before?: string | undefined
  readonly state?: Run['state'] | undefined
}

/** Newest first. */
export async function listRuns(session: TenantSession, filter: RunFilter): Promise<Run[]> {
  return session.query<Run>(
    `SELECT ${RUN_COLUMNS} FROM run
     WHERE tenant_id = $1 AND ($2::text IS NULL OR id < $2) AND ($3::text IS NULL OR state = $3)
     ORDER BY id DESC LIMIT $4`,
    [session.tenant.id, filter.before ?? null, filter.state ?? null, filter.limit],
  )
}

/** Tasks that wait end at once; running ones are told by their heartbeat. Throws `run-unknown`. */
export async function cancelRun(session: TenantSession, runId: string): Promise<Run> {
  await session.query('SELECT run_cancel($1, $2)', [session.tenant.id, runId])
  const run = await getRun(session, runId)
  if (!run) throw new MillraceError('run-unknown', { run: runId })
  return run
}

interface Place {
  readonly dataset: string
  readonly partition: PartitionKey
}

export interface RunFindings {
  /** By dataset and key. */
  readonly sources: readonly (Place & SourceOrigin)[]
  /** Checks that did not pass, blocking ones first, at most 100. */
  readonly checks: readonly (Place & CheckOutcome)[]
}

/** What the versions that a run wrote say about themselves. */
export async function runFindings(session: TenantSession, runId: string): Promise<RunFindings> {
  const sources = await session.query<Place & { origin: SourceOrigin }>(
    `SELECT dataset, partition, origin FROM version
     WHERE tenant_id = $1 AND run_id = $2 AND origin IS NOT NULL ORDER BY dataset, partition`,
    [session.tenant.id, runId],
  )
  const checks = await session.query<Place & CheckOutcome>(
    `SELECT v.dataset, v.partition, c.name, c.severity, c.passed, c.failing_rows AS "failingRows",
       c.message
     FROM version v JOIN check_result c ON c.tenant_id = $1 AND c.version_id = v.id
     WHERE v.tenant_id = $1 AND v.run_id = $2 AND NOT c.passed
     ORDER BY c.severity, v.dataset, v.partition, c.ordinal LIMIT 100`,
    [session.tenant.id, runId],
  )
  return {
    sources: sources.map(({ dataset, partition, origin: { header: _header, ...origin } }) => ({
      dataset,
      partition,
      ...origin,
    })),
    checks,
  }
}
