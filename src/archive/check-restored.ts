import { lakeEntryPath, type Manifest } from '#archive/manifest.ts'
import { AUDIT_BEGINNING, auditHash, auditHead, listAudit } from '#catalog/audit.ts'
import type { Catalog } from '#catalog/catalog.ts'
import { listFiles } from '#catalog/files.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Tenant } from '#model/tenant.ts'

const FILES_AT_ONCE = 10_000
const ROWS_AT_ONCE = 1000

/**
 * What only the whole of an archive shows: every file that a version has was in it, and its audit log is
 * an unbroken chain that ends where the manifest says. Throws `archive-damaged`.
 */
export async function checkRestored(
  catalog: Catalog,
  tenant: Tenant,
  manifest: Manifest,
): Promise<void> {
  const entries = new Map(manifest.entries.map((entry) => [entry.path, entry]))
  const below = tenant.slug.length + 1
  for (let after = 0; ;) {
    const page = await catalog.asTenant(tenant, (session) =>
      listFiles(session, { after, limit: FILES_AT_ONCE }),
    )
    for (const file of page) {
      const path = lakeEntryPath(file.path.slice(below))
      const entry = entries.get(path)
      if (!entry) throw damaged(path, 'is missing, and a version has it')
      if (entry.sha256 !== file.sha256 || entry.sizeBytes !== file.sizeBytes) {
        throw damaged(path, 'is another file than the version has')
      }
      after = file.id
    }
    if (page.length < FILES_AT_ONCE) break
  }
  await checkAudit(catalog, tenant, manifest)
}

async function checkAudit(catalog: Catalog, tenant: Tenant, { audit }: Manifest): Promise<void> {
  const broken = (seq: number) => damaged('catalog/audit.ndjson', `breaks its chain at row ${seq}`)
  let hash = AUDIT_BEGINNING
  let seq = 0
  for (;;) {
    const rows = await catalog.asTenant(tenant, (session) => listAudit(session, seq, ROWS_AT_ONCE))
    for (const row of rows) {
      hash = auditHash(hash, row)
      if (row.seq !== seq + 1 || row.hash !== hash) throw broken(row.seq)
      seq = row.seq
    }
    if (rows.length < ROWS_AT_ONCE) break
  }
  const head = await catalog.asTenant(tenant, auditHead)
  const ends = [head, { seq, hash }]
  if (ends.some((end) => end.seq !== audit.seq || end.hash !== audit.hash)) throw broken(seq)
}

function damaged(entry: string, problem: string): MillraceError {
  return new MillraceError('archive-damaged', { entry, problem })
}
