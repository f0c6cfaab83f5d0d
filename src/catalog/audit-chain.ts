import {
  AUDIT_BEGINNING,
  auditHash,
  auditHead,
  listAudit,
  type AuditHead,
  type AuditRow,
} from '#catalog/audit.ts'
import type { Catalog } from '#catalog/catalog.ts'
import type { Tenant } from '#model/tenant.ts'

const PAGE = 1000

export interface ChainVerdict {
  /** Rows that follow from each other, from the first one on. */
  readonly rows: number
  readonly head: AuditHead
  /** The first row that does not follow from those before it; null: all of them do. */
  readonly broken: { readonly seq: number; readonly problem: string } | null
}

/** Follows a chain row by row, from the beginning; rows come in the order in which they were written. */
export async function followChain(rows: AsyncIterable<AuditRow>): Promise<ChainVerdict> {
  let head: AuditHead = { seq: 0, hash: AUDIT_BEGINNING }
  for await (const row of rows) {
    const problem = problemOf(row, head)
    if (problem) return { rows: head.seq, head, broken: { seq: head.seq + 1, problem } }
    head = { seq: row.seq, hash: row.hash }
  }
  return { rows: head.seq, head, broken: null }
}

function problemOf(row: AuditRow, former: AuditHead): string | null {
  if (row.seq !== former.seq + 1) {
    return `row ${former.seq + 1} is missing: row ${row.seq} comes after row ${former.seq}`
  }
  if (auditHash(former.hash, row) === row.hash) return null
  return `row ${row.seq} has been changed, or a row before it: its hash does not follow from them`
}

/** The whole log up to a row, page by page; each page is a transaction of its own. */
export async function* auditRows(
  catalog: Catalog,
  tenant: Tenant,
  upTo: number,
): AsyncGenerator<AuditRow> {
  let after = 0
  while (after < upTo) {
    const from = after
    const page = await catalog.asTenant(tenant, (session) =>
      listAudit(session, from, Math.min(PAGE, upTo - from)),
    )
    if (page.length === 0) return
    yield* page
    after = page.at(-1)?.seq ?? upTo
  }
}

/** Follows the log as it lies in the catalog, and compares its end with the head that is kept apart. */
export async function verifyAudit(catalog: Catalog, tenant: Tenant): Promise<ChainVerdict> {
  const head = await catalog.asTenant(tenant, auditHead)
  const verdict = await followChain(auditRows(catalog, tenant, head.seq))
  const isCut = verdict.head.seq !== head.seq || verdict.head.hash !== head.hash
  if (verdict.broken || !isCut) return verdict
  const problem = `rows up to ${head.seq} were written, and only ${verdict.rows} are there`
  return { ...verdict, broken: { seq: verdict.rows + 1, problem } }
}
