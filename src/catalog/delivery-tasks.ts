import type { DeliveryNotify, DeliveryProgress } from '#catalog/deliveries.ts'
import { toJson } from '#catalog/json.ts'
import { holdLeases } from '#catalog/task-ends.ts'
import type { Lease } from '#catalog/queue.ts'
import type { TenantSession } from '#catalog/session.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Access } from '#model/access.ts'
import type { TargetWish } from '#model/delivery.ts'
import type { ResultColumn } from '#model/outcome.ts'

/** Name of the tasks of deliveries, in limits, pauses and lanes. */
export const DELIVERY_TASK = '(delivery)'
const ATTEMPTS = 5

export interface NewDelivery {
  readonly id: string
  readonly askedBy: string
  readonly access: Access
  readonly question: unknown
  readonly receiptId: string
  readonly commitNumber: number
  readonly asOf: Date
  readonly completeness: unknown
  readonly title: string
  readonly format: string
  readonly cells: string
  readonly target: TargetWish
  readonly notify: DeliveryNotify
  readonly artefactId: string
  readonly dedupeKey: string | null
  readonly requestHash: string
  readonly keepMs: number
  readonly rowsExpected: number | null
  readonly linkSecret: string | null
  readonly downloadsMax: number | null
}

/** With its task; false where a twin of the request has come first. */
export async function insertDelivery(
  session: TenantSession,
  delivery: NewDelivery,
): Promise<boolean> {
  const made = await session.query<{ taskId: number }>(
    `INSERT INTO delivery (tenant_id, id, asked_by, access, question, receipt_id, commit_number,
       as_of, completeness, title, format, cells, target, notify, artefact_id, dedupe_key,
       request_hash, keep_ms, rows_expected, link_secret, downloads_max, task_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
       $20, $21, nextval('task_id'))
     ON CONFLICT (tenant_id, dedupe_key) WHERE dedupe_key IS NOT NULL DO NOTHING
     RETURNING task_id AS "taskId"`,
    [
      session.tenant.id,
      delivery.id,
      delivery.askedBy,
      toJson(delivery.access),
      toJson(delivery.question),
      delivery.receiptId,
      delivery.commitNumber,
      delivery.asOf,
      toJson(delivery.completeness),
      delivery.title,
      delivery.format,
      delivery.cells,
      toJson(delivery.target),
      toJson(delivery.notify),
      delivery.artefactId,
      delivery.dedupeKey,
      delivery.requestHash,
      delivery.keepMs,
      delivery.rowsExpected,
      delivery.linkSecret,
      delivery.downloadsMax,
    ],
  )
  const [row] = made
  if (!row) return false
  await insertTask(session, row.taskId, delivery)
  return true
}

/** Two tasks of one artefact never run at the same time. */
async function insertTask(
  session: TenantSession,
  taskId: number,
  { id, artefactId, notify }: Pick<NewDelivery, 'id' | 'artefactId' | 'notify'>,
): Promise<void> {
  await session.query(
    `INSERT INTO task (tenant_id, id, run_id, rank, ordinal, kind, handler, priority, dataset,
       partition, conditional, forced, reason, batch_max, max_attempts, concurrency_key, callback,
       state, waiting)
     VALUES ($1, $2, '', 0, 0, 'delivery', 'delivery', 0, $3, $4, false, false, '', 1, $5, $6, $7,
       'ready', 0)`,
    [
      session.tenant.id,
      taskId,
      DELIVERY_TASK,
      id,
      ATTEMPTS,
      `delivery ${artefactId}`,
      notify.callbackUrl !== null,
    ],
  )
  await session.query(`SELECT pg_notify('millrace_ready', '')`)
}

/** What was asked for with this key may be asked for anew. */
export async function releaseKey(session: TenantSession, id: string): Promise<void> {
  await session.query('UPDATE delivery SET dedupe_key = NULL WHERE tenant_id = $1 AND id = $2', [
    session.tenant.id,
    id,
  ])
}

/** Has a delivery that failed or was cancelled carried out again, by a task that begins anew. */
export async function retryDelivery(session: TenantSession, id: string): Promise<boolean> {
  const rows = await session.query(
    `UPDATE task t SET state = 'ready', run_after = NULL, error = NULL, ended_at = NULL,
       cancel_requested = false, max_attempts = t.attempts + $3
     FROM delivery d
     WHERE d.tenant_id = $1 AND d.id = $2 AND d.ended IS NULL AND t.tenant_id = $1
       AND t.id = d.task_id AND t.state IN ('failed', 'cancelled')
     RETURNING t.id`,
    [session.tenant.id, id, ATTEMPTS],
  )
  if (rows.length > 0) await session.query(`SELECT pg_notify('millrace_ready', '')`)
  return rows.length > 0
}

/** At most once a second, while the attempt is the one that holds the task. */
export async function noteProgress(
  session: TenantSession,
  id: string,
  { taskId, fence }: Lease,
  progress: Omit<DeliveryProgress, 'at'>,
): Promise<void> {
  await session.query(
    `UPDATE delivery d
     SET progress = $5::jsonb || jsonb_build_object('at', to_char(
       millrace_now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
     FROM task t WHERE d.tenant_id = $1 AND d.id = $2 AND t.tenant_id = $1 AND t.id = $3
       AND t.fence = $4 AND t.state = 'running'`,
    [session.tenant.id, id, taskId, fence, toJson(progress)],
  )
}

export interface Artefact {
  readonly path: string
  readonly sizeBytes: number
  readonly sha256: string
  readonly rows: number
  readonly columns: readonly ResultColumn[]
}

/** One that is made; it stays for some minutes at least. Null: there is none. */
export async function takeArtefact(session: TenantSession, id: string): Promise<Artefact | null> {
  const [row] = await session.query<Artefact>(
    `UPDATE delivery_artefact SET used_at = millrace_now() WHERE tenant_id = $1 AND id = $2
     RETURNING path, size_bytes AS "sizeBytes", sha256, rows, columns`,
    [session.tenant.id, id],
  )
  return row ?? null
}

/** As {@link takeArtefact}, to look at. */
export async function findArtefact(session: TenantSession, id: string): Promise<Artefact | null> {
  const [row] = await session.query<Artefact>(
    `SELECT path, size_bytes AS "sizeBytes", sha256, rows, columns FROM delivery_artefact
     WHERE tenant_id = $1 AND id = $2`,
    [session.tenant.id, id],
  )
  return row ?? null
}

/**
 * A file that lies in the lake becomes the artefact, in place of one that is damaged. Throws
 * `lease-lost`, and `delivery-over` where the delivery was erased meanwhile.
 */
export async function keepArtefact(
  session: TenantSession,
  lease: Lease,
  { id: delivery, artefactId: id }: { readonly id: string; readonly artefactId: string },
  artefact: Artefact,
): Promise<void> {
  await holdLeases(session, '', [lease])
  const living = await session.query(
    'SELECT FROM delivery WHERE tenant_id = $1 AND id = $2 AND ended IS NULL FOR SHARE',
    [session.tenant.id, delivery],
  )
  if (living.length === 0) throw new MillraceError('delivery-over', { delivery, state: 'erased' })
  await session.query(
    `INSERT INTO delivery_artefact AS a (tenant_id, id, path, size_bytes, sha256, rows, columns)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (tenant_id, id) DO UPDATE SET path = excluded.path, size_bytes = excluded.size_bytes,
       sha256 = excluded.sha256, rows = excluded.rows, columns = excluded.columns,
       made_at = excluded.made_at, used_at = excluded.used_at`,
    [
      session.tenant.id,
      id,
      artefact.path,
      artefact.sizeBytes,
      artefact.sha256,
      artefact.rows,
      toJson(artefact.columns),
    ],
  )
}

/**
 * What its task has brought; to be followed by the end of the task in the same transaction. Throws
 * `delivery-over` where it was erased meanwhile.
 */
export async function markReady(
  session: TenantSession,
  id: string,
  ready: {
    readonly rows: number
    readonly sizeBytes: number
    readonly sha256: string
    readonly placed: unknown
    readonly mails: readonly string[]
  },
): Promise<{ readonly expiresAt: Date }> {
  const [row] = await session.query<{ expiresAt: Date }>(
    `UPDATE delivery SET ready_at = millrace_now(), rows = $3, size_bytes = $4, sha256 = $5,
       placed = $6, mails = $7, progress = NULL,
       expires_at = millrace_now() + keep_ms * interval '1 millisecond'
     WHERE tenant_id = $1 AND id = $2 AND ended IS NULL RETURNING expires_at AS "expiresAt"`,
    [
      session.tenant.id,
      id,
      ready.rows,
      ready.sizeBytes,
      ready.sha256,
      ready.placed === null ? null : toJson(ready.placed),
      ready.mails,
    ],
  )
  if (!row) throw new MillraceError('delivery-over', { delivery: id, state: 'erased' })
  return row
}

/** By the database's clock, which is what leases and expiries go by. */
export async function databaseNow(session: TenantSession): Promise<Date> {
  const [row] = await session.query<{ now: Date }>('SELECT millrace_now() AS now')
  return row?.now as Date
}
