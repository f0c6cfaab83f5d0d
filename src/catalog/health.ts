import type { SystemSession } from '#catalog/session.ts'

export interface RunsHealth {
  /** Unfinished ones of active tenants. */
  readonly running: number
  /** Of these, those that no task is at work for, though they began long ago. */
  readonly stuck: number
  /** The first few of the stuck: `run_… (acme)`. */
  readonly named: readonly string[]
}

/** Over all tenants, at the cost of what is unfinished. */
export async function runsHealth(
  session: SystemSession,
  { idleMs, named }: { readonly idleMs: number; readonly named: number },
): Promise<RunsHealth> {
  const [row] = await session.query<RunsHealth>(
    `SELECT running, stuck, coalesce(named, '{}') AS named FROM health_runs($1, $2)`,
    [idleMs, named],
  )
  return row as RunsHealth
}

export interface DataHealth {
  /** Counted to `most` at most. */
  readonly published: number
  /** Partitions whose newest attempt failed, or is held for somebody to look at. */
  readonly troubled: number
  /** The first few of these: `acme events 2021-04 failed`. */
  readonly named: readonly string[]
}

/** Over all tenants. */
export async function dataHealth(
  session: SystemSession,
  { most, named }: { readonly most: number; readonly named: number },
): Promise<DataHealth> {
  const [row] = await session.query<DataHealth>(
    'SELECT published, troubled, named FROM health_data($1, $2)',
    [most, named],
  )
  return row as DataHealth
}

export interface MailHealth {
  readonly queued: number
  /** Since yesterday. */
  readonly failed: number
  /** How long the oldest one waits; null: none does. */
  readonly oldestMs: number | null
}

/** Over all tenants. */
export async function mailHealth(session: SystemSession): Promise<MailHealth> {
  const [row] = await session.query<MailHealth>(
    `SELECT queued, failed,
       extract(epoch FROM millrace_now() - oldest_at)::double precision * 1000 AS "oldestMs"
     FROM health_mail()`,
  )
  return row as MailHealth
}
