import type { Session, SystemSession } from '#catalog/session.ts'

/** Partitions built with one code count as built with another: the change was declared harmless. */
export interface Acceptance {
  readonly dataset: string
  readonly fromCode: string
  readonly toCode: string
  readonly why: string
  readonly acceptedBy: string
  readonly acceptedAt: Date
}

/** Those that hold, of these datasets. They belong to the company; any session may read them. */
export async function loadAcceptances(
  session: Session,
  datasets: readonly string[],
): Promise<Acceptance[]> {
  return session.query<Acceptance>(
    `SELECT dataset, from_code AS "fromCode", to_code AS "toCode", why, accepted_by AS "acceptedBy",
       accepted_at AS "acceptedAt"
     FROM code_acceptance WHERE withdrawn_at IS NULL AND dataset = ANY ($1)
     ORDER BY dataset, accepted_at`,
    [datasets],
  )
}

/** A second time it changes nothing. */
export async function acceptCode(
  session: SystemSession,
  acceptance: Omit<Acceptance, 'acceptedAt'>,
): Promise<void> {
  const { dataset, fromCode, toCode, why, acceptedBy } = acceptance
  await session.query('SELECT code_accept($1, $2, $3, $4, $5)', [
    dataset,
    fromCode,
    toCode,
    why,
    acceptedBy,
  ])
}

/** Returns how many were withdrawn; without codes all of the dataset's. */
export async function withdrawCode(
  session: SystemSession,
  which: { readonly dataset: string; readonly fromCode?: string | undefined; readonly by: string },
): Promise<number> {
  const [row] = await session.query<{ withdrawn: number }>(
    'SELECT code_withdraw($1, $2, NULL, $3) AS withdrawn',
    [which.dataset, which.fromCode ?? null, which.by],
  )
  return row?.withdrawn ?? 0
}

export interface ServedCode {
  readonly code: string
  readonly partitions: number
  readonly tenants: number
  readonly lastBuilt: Date
}

/** Codes that served partitions of a dataset were built with, over all tenants; newest first. */
export async function servedCodes(session: SystemSession, dataset: string): Promise<ServedCode[]> {
  return session.query<ServedCode>('SELECT * FROM code_served($1)', [dataset])
}
