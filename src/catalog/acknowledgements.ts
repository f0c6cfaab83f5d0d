import type { SystemSession, TenantSession } from '#catalog/session.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { BodyEncoding, WaitingFormat } from '#model/append.ts'

/** What became of the rows of one request. */
export interface Acknowledgement {
  readonly id: string
  readonly dataset: string
  readonly receivedAt: Date
  readonly format: WaitingFormat
  readonly encoding: BodyEncoding
  readonly bytes: number
  readonly received: number
  /** Null while they wait. */
  readonly accepted: number | null
  /** Good by a fix or a repair, and not among the accepted. */
  readonly repaired: number | null
  readonly quarantined: number | null
  readonly withheld: number | null
  readonly erased: number | null
  /** Since when its rows are in the dataset, and with which commit; null: none of them was to be. */
  readonly settledAt: Date | null
  readonly commitNumber: number | null
}

const COLUMNS = `id, dataset, received_at AS "receivedAt", format, encoding, bytes, rows AS received,
  accepted, CASE WHEN settled_at IS NOT NULL THEN coalesce(repaired, 0) END AS repaired, quarantined, withheld, erased, settled_at AS "settledAt", commit_number AS "commitNumber"`

/** Throws `acknowledgement-unknown`. */
export async function getAcknowledgement(
  session: TenantSession,
  id: string,
): Promise<Acknowledgement> {
  const [row] = await session.query<Acknowledgement>(
    `SELECT ${COLUMNS} FROM acknowledgement WHERE tenant_id = $1 AND id = $2`,
    [session.tenant.id, id],
  )
  if (!row) throw new MillraceError('acknowledgement-unknown', { acknowledgement: id })
  return row
}

/** Newest first (ids sort by time), older than `after`; of one dataset, or (null) of all. */
export async function listAcknowledgements(
  session: TenantSession,
  dataset: string | null,
  page: { readonly after: string | null; readonly limit: number },
): Promise<Acknowledgement[]> {
  return session.query<Acknowledgement>(
    `SELECT ${COLUMNS} FROM acknowledgement
     WHERE tenant_id = $1 AND ($2::text IS NULL OR dataset = $2) AND ($3::text IS NULL OR id < $3)
     ORDER BY id DESC LIMIT $4`,
    [session.tenant.id, dataset, page.after, page.limit],
  )
}

/** Forgets some of those whose rows have been in their dataset for so long; returns how many. */
export async function forgetAcknowledgements(
  session: SystemSession,
  keepMs: number,
  most: number,
): Promise<number> {
  const [row] = await session.query<{ forgotten: number }>(
    'SELECT append_forget($1, $2) AS forgotten',
    [keepMs, most],
  )
  return row?.forgotten ?? 0
}
