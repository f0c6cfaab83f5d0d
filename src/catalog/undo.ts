import { nextCommit } from '#catalog/publish.ts'
import { getRun } from '#catalog/runs.ts'
import type { TenantSession } from '#catalog/session.ts'
import { MillraceError } from '#kernel/errors.ts'
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

interface Candidate {
  readonly dataset: string
  readonly partition: PartitionKey
  readonly versionId: number
  readonly formerId: number | null
  readonly current: boolean
  readonly currentRun: string | null
  readonly swept: boolean
}

/**
 * Moves the pointers back that still point at the run's versions, as one commit. Doing it again
 * restores nothing. Throws `run-unknown`, `run-running`.
 */
export async function undoRun(session: TenantSession, runId: string): Promise<Undone> {
  const run = await getRun(session, runId)
  if (!run) throw new MillraceError('run-unknown', { run: runId })
  if (run.state === 'running') throw new MillraceError('run-running', { run: runId })
  await session.query('SELECT FROM tenant WHERE id = $1 FOR UPDATE', [session.tenant.id])
  const { movable, kept } = sortOut(await versionsOf(session, runId), runId)
  const commitNumber = movable.length === 0 ? null : await nextCommit(session)
  if (commitNumber !== null) await moveBack(session, runId, movable, commitNumber)
  await session.query(
    `UPDATE run SET undone_at = coalesce(undone_at, millrace_now()) WHERE tenant_id = $1 AND id = $2`,
    [session.tenant.id, runId],
  )
  return { commitNumber, ...placesOf(movable, kept) }
}

/** What undoing the run would move back now, and what it would leave alone. Throws `run-unknown`. */
export async function undoableOf(
  session: TenantSession,
  runId: string,
): Promise<Omit<Undone, 'commitNumber'>> {
  if (!(await getRun(session, runId))) throw new MillraceError('run-unknown', { run: runId })
  const { movable, kept } = sortOut(await versionsOf(session, runId), runId)
  return placesOf(movable, kept)
}

function sortOut(
  candidates: readonly Candidate[],
  runId: string,
): { movable: Candidate[]; kept: Candidate[] } {
  return {
    movable: candidates.filter(({ current, swept }) => current && !swept),
    kept: candidates.filter(({ current, swept, currentRun }) =>
      current ? swept : currentRun !== null && currentRun !== runId,
    ),
  }
}

function placesOf(
  movable: readonly Candidate[],
  kept: readonly Candidate[],
): Omit<Undone, 'commitNumber'> {
  return {
    restored: movable.map(({ dataset, partition, formerId }) => ({
      dataset,
      partition,
      to: formerId === null ? 'nothing' : 'former',
    })),
    kept: kept.map(({ dataset, partition, current, currentRun }) => ({
      dataset,
      partition,
      byRun: current ? null : currentRun,
    })),
  }
}

/**
 * The run's published versions, what is current in their place, and the nearest former version that
 * no undone run wrote, with whether its files are still there.
 */
function versionsOf(session: TenantSession, runId: string): Promise<Candidate[]> {
  return session.query<Candidate>(
    `WITH RECURSIVE mine AS (
       SELECT v.id, v.dataset, v.partition, v.previous_version_id FROM version v
       WHERE v.tenant_id = $1 AND v.run_id = $2 AND v.state = 'published'
     ), former AS (
       SELECT mine.id AS of, mine.previous_version_id AS id FROM mine
       UNION ALL
       SELECT former.of, v.previous_version_id
       FROM former
       JOIN version v ON v.tenant_id = $1 AND v.id = former.id
       JOIN run r ON r.tenant_id = $1 AND r.id = v.run_id
       WHERE r.id = $2 OR r.undone_at IS NOT NULL
     ), target AS (
       -- Ancestors have smaller ids; a null at the end of the line means: nothing.
       SELECT of, min(coalesce(id, 0)) AS id FROM former GROUP BY of
     )
     SELECT mine.dataset, mine.partition, mine.id AS "versionId",
       nullif(target.id, 0) AS "formerId", coalesce(p.version_id = mine.id, false) AS current,
       now_there.run_id AS "currentRun",
       EXISTS (
         SELECT FROM extent e JOIN file f ON f.tenant_id = $1 AND f.id = e.file_id
         WHERE e.tenant_id = $1 AND e.version_id = target.id AND f.swept_at IS NOT NULL
       ) AS swept
     FROM mine
     JOIN target ON target.of = mine.id
     LEFT JOIN partition_pointer p ON p.tenant_id = $1 AND p.environment = 'main'
       AND p.dataset = mine.dataset AND p.partition = mine.partition
     LEFT JOIN version now_there ON now_there.tenant_id = $1 AND now_there.id = p.version_id
     ORDER BY mine.dataset, mine.partition`,
    [session.tenant.id, runId],
  )
}

async function moveBack(
  session: TenantSession,
  runId: string,
  movable: readonly Candidate[],
  commitNumber: number,
): Promise<void> {
  await session.query(
    `WITH undone AS MATERIALIZED (
       SELECT * FROM unnest($2::bigint[], $3::bigint[]) AS u (id, former_id)
     ), moved AS (
       UPDATE partition_pointer p
       SET version_id = former.id, commit_number = $5, undone_run = $4,
         fingerprint = former.fingerprint, code_version = former.code_version,
         data_version = former.data_version, has_observed = coalesce(former.observed IS NOT NULL, false)
       FROM undone
       JOIN version v ON v.tenant_id = $1 AND v.id = undone.id
       LEFT JOIN version former ON former.tenant_id = $1 AND former.id = undone.former_id
       WHERE p.tenant_id = $1 AND p.environment = 'main' AND p.dataset = v.dataset
         AND p.partition = v.partition
     ), told AS (
       INSERT INTO outbox (tenant_id, kind, payload)
       VALUES ($1, 'run.undone', jsonb_build_object('run', $4::text, 'commit', $5::bigint))
     )
     UPDATE version v
     SET retired_at = CASE WHEN v.id = ANY ($2) THEN millrace_now() END
     WHERE v.tenant_id = $1 AND (v.id = ANY ($2) OR v.id = ANY ($3))`,
    [
      session.tenant.id,
      movable.map(({ versionId }) => versionId),
      movable.map(({ formerId }) => formerId),
      runId,
      commitNumber,
    ],
  )
}
