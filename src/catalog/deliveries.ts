import type { TenantSession } from '#catalog/session.ts'
import { readError, type StoredError } from '#catalog/stored-error.ts'
import type { ErrorData } from '#kernel/errors.ts'
import type { Access } from '#model/access.ts'
import type { DeliveryState, TargetWish } from '#model/delivery.ts'

export interface DeliveryProgress {
  readonly step: 'reading' | 'handing-over'
  readonly rows: number
  readonly bytes: number
  /** ISO 8601. */
  readonly at: string
}

export interface DeliveryNotify {
  /** Addresses that a mail goes to when it is ready. */
  readonly mail: readonly string[]
  /** With the file, where it is small enough. */
  readonly attach: boolean
  readonly callbackUrl: string | null
  /** A picture of the first rows, in the mail; as `charts` has it. */
  readonly chart?: unknown
}

/** A delivery as its tenant sees it. */
export interface Delivery {
  readonly id: string
  readonly state: DeliveryState
  /** As in the audit log: `key mk_…`, `user usr_…`. */
  readonly askedBy: string
  readonly access: Access
  /** {question, trust} */
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
  readonly taskId: number
  readonly attempts: number
  readonly isCancelRequested: boolean
  readonly createdAt: Date
  readonly startedAt: Date | null
  readonly keepMs: number
  readonly progress: DeliveryProgress | null
  readonly rowsExpected: number | null
  readonly readyAt: Date | null
  readonly rows: number | null
  readonly sizeBytes: number | null
  readonly sha256: string | null
  readonly placed: unknown
  readonly expiresAt: Date | null
  /** Sealed. */
  readonly linkSecret: string | null
  readonly downloadsMax: number | null
  readonly downloads: number
  readonly mails: readonly string[]
  readonly error: ErrorData | null
}

const STATE = 'delivery_state(d.ended, d.ready_at, d.expires_at, t.state)'

const COLUMNS = `d.id, ${STATE} AS state, d.asked_by AS "askedBy", d.access, d.question,
  d.receipt_id AS "receiptId", d.commit_number AS "commitNumber", d.as_of AS "asOf", d.completeness,
  d.title, d.format, d.cells, d.target, d.notify, d.artefact_id AS "artefactId",
  d.task_id AS "taskId", coalesce(t.attempts, 0) AS attempts,
  coalesce(t.cancel_requested, false) AS "isCancelRequested", d.created_at AS "createdAt",
  t.started_at AS "startedAt", d.keep_ms AS "keepMs", d.progress, d.rows_expected AS "rowsExpected",
  d.ready_at AS "readyAt", d.rows, d.size_bytes AS "sizeBytes", d.sha256, d.placed,
  d.expires_at AS "expiresAt", d.link_secret AS "linkSecret", d.downloads_max AS "downloadsMax",
  d.downloads, to_json(d.mails) AS mails, CASE WHEN d.ready_at IS NULL THEN t.error END AS error`

const FROM = `FROM delivery d LEFT JOIN task t ON t.tenant_id = d.tenant_id AND t.id = d.task_id
  WHERE d.tenant_id = $1`

type Row = Omit<Delivery, 'error'> & { readonly error: StoredError | null }

/** Null when the tenant has no delivery of that name. */
export async function getDelivery(session: TenantSession, id: string): Promise<Delivery | null> {
  const [row] = await session.query<Row>(`SELECT ${COLUMNS} ${FROM} AND d.id = $2`, [
    session.tenant.id,
    id,
  ])
  return row ? { ...row, error: readError(row.error) } : null
}

/** The one that was begun for the same request and still lives. */
export async function deliveryOfKey(
  session: TenantSession,
  key: string,
): Promise<(Delivery & { readonly requestHash: string }) | null> {
  const [row] = await session.query<Row & { readonly requestHash: string }>(
    `SELECT ${COLUMNS}, d.request_hash AS "requestHash" ${FROM} AND d.dedupe_key = $2`,
    [session.tenant.id, key],
  )
  return row ? { ...row, error: readError(row.error) } : null
}

export interface DeliveryFilter {
  readonly state: DeliveryState | null
  /** Only of this asker. */
  readonly askedBy: string | null
  /** Id of the last one that was seen. */
  readonly after: string | null
  readonly limit: number
}

/** Newest first. */
export async function listDeliveries(
  session: TenantSession,
  { state, askedBy, after, limit }: DeliveryFilter,
): Promise<Delivery[]> {
  const rows = await session.query<Row>(
    `SELECT ${COLUMNS} ${FROM} AND ($2::text IS NULL OR ${STATE} = $2)
       AND ($3::text IS NULL OR d.asked_by = $3) AND ($4::text IS NULL OR d.id < $4)
     ORDER BY d.id DESC LIMIT $5`,
    [session.tenant.id, state, askedBy, after, limit],
  )
  return rows.map((row) => ({ ...row, error: readError(row.error) }))
}

/** Sets until when a delivery that is ready is kept; false: it is not ready. */
export async function extendDelivery(
  session: TenantSession,
  id: string,
  keepMs: number,
): Promise<boolean> {
  const rows = await session.query(
    `UPDATE delivery SET expires_at = millrace_now() + $3 * interval '1 millisecond'
     WHERE tenant_id = $1 AND id = $2 AND ended IS NULL AND ready_at IS NOT NULL
       AND expires_at > millrace_now()
     RETURNING id`,
    [session.tenant.id, id, keepMs],
  )
  return rows.length > 0
}

/** With its task; its file goes when no other delivery wants it. */
export async function removeDelivery(session: TenantSession, id: string): Promise<void> {
  await session.query('DELETE FROM delivery WHERE tenant_id = $1 AND id = $2', [
    session.tenant.id,
    id,
  ])
}

/** Takes one of the downloads that its link is good for; false: there is none left. */
export async function takeDownload(session: TenantSession, id: string): Promise<boolean> {
  const rows = await session.query(
    `UPDATE delivery SET downloads = downloads + 1
     WHERE tenant_id = $1 AND id = $2 AND (downloads_max IS NULL OR downloads < downloads_max)
     RETURNING id`,
    [session.tenant.id, id],
  )
  return rows.length > 0
}

/** One that was taken came to nothing. */
export async function giveBackDownload(session: TenantSession, id: string): Promise<void> {
  await session.query(
    'UPDATE delivery SET downloads = downloads - 1 WHERE tenant_id = $1 AND id = $2 AND downloads > 0',
    [session.tenant.id, id],
  )
}
