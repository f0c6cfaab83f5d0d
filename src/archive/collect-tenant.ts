import { archiveTables, type ArchiveTable } from '#catalog/archive-tables.ts'
import { archivedMembers, beginSnapshot, tenantRow, tenantRows } from '#catalog/archive-rows.ts'
import { auditHead } from '#catalog/audit.ts'
import { listFiles, type CatalogFile } from '#catalog/files.ts'
import type { TenantSession } from '#catalog/session.ts'
import { entryOf, spoolRows } from '#archive/spool-rows.ts'
import {
  lakeEntryPath,
  newManifest,
  tablePath,
  type Manifest,
  type ManifestEntry,
} from '#archive/manifest.ts'
import { columnsOf, ruleOf, tenantColumnsLeft, type TableRule } from '#archive/table-rules.ts'

const FILES_AT_ONCE = 10_000

/** All of a tenant at one moment: its rows in files of a folder, its files of the lake by name. */
export interface Collected {
  readonly manifest: Manifest
  /** Local files with rows, by the path of their entry. */
  readonly spooled: ReadonlyMap<string, string>
  /** Files of the lake, by the path of their entry. */
  readonly files: ReadonlyMap<string, CatalogFile>
}

/** To be called first in a transaction, which it makes one of a single moment. */
export async function collectTenant(
  session: TenantSession,
  folder: string,
  about: { readonly madeAt: string; readonly millraceVersion: string },
): Promise<Collected> {
  await beginSnapshot(session)
  const tables: Manifest['tables'] = []
  const leftOut: Manifest['leftOut'] = []
  const enterAgain: string[] = []
  const entries: ManifestEntry[] = []
  const spooled = new Map<string, string>()
  for (const table of await archiveTables(session)) {
    const { name } = table
    const rule = ruleOf(name)
    if ('leave' in rule) {
      leftOut.push({ table: name, column: null, reason: rule.leave })
      enterAgain.push(...(await whatToEnter(session, name, rule)))
      continue
    }
    const { without = {}, secretFields = [] } = 'members' in rule ? {} : rule
    for (const [column, reason] of Object.entries(without)) {
      leftOut.push({ table: name, column, reason })
    }
    const columns = columnsOf(table, rule)
    const lines =
      'members' in rule ? memberLines(session, enterAgain) : tenantRows(session, name, columns)
    const rows = await spoolRows(folder, name, lines, {
      secretFields,
      rowName: (line) => nameOfRow(table, line),
    })
    enterAgain.push(...rows.secrets.map(({ row, field }) => `${name} ${row}: ${field}`))
    if (rows.rows === 0) continue
    tables.push({ name, columns, rows: rows.rows })
    entries.push(entryOf(tablePath(name), rows))
    spooled.set(tablePath(name), rows.file)
  }
  const { files, bytes, ofEntry } = await collectFiles(session, entries)
  const row = await tenantRow(session)
  for (const column of tenantColumnsLeft) delete row[column]
  const head = await auditHead(session)
  const manifest = newManifest({
    ...about,
    slug: session.tenant.slug,
    tenant: row,
    commitNumber: Number(row['last_commit']),
    audit: { seq: head.seq, hash: head.hash },
    tables,
    files,
    bytes,
    leftOut,
    enterAgain,
    entries,
  })
  return { manifest, spooled, files: ofEntry }
}

async function collectFiles(session: TenantSession, entries: ManifestEntry[]) {
  const ofEntry = new Map<string, CatalogFile>()
  const below = session.tenant.slug.length + 1
  let [after, bytes] = [0, 0]
  for (;;) {
    const page = await listFiles(session, { after, limit: FILES_AT_ONCE })
    for (const file of page) {
      const path = lakeEntryPath(file.path.slice(below))
      entries.push({ path, sizeBytes: file.sizeBytes, sha256: file.sha256 })
      ofEntry.set(path, file)
      bytes += file.sizeBytes
      after = file.id
    }
    if (page.length < FILES_AT_ONCE) return { files: ofEntry.size, bytes, ofEntry }
  }
}

async function whatToEnter(
  session: TenantSession,
  table: string,
  rule: Extract<TableRule, { leave: string }>,
): Promise<string[]> {
  const { enterAgain } = rule
  if (!enterAgain) return []
  const named: string[] = []
  for await (const lines of tenantRows(session, table, enterAgain.columns)) {
    for (const line of lines) {
      const row = JSON.parse(line) as Record<string, string>
      const [first, ...others] = enterAgain.columns.map((column) => row[column] ?? '')
      named.push(`${enterAgain.what} ${first}${others.map((other) => ` (${other})`).join('')}`)
    }
  }
  return named
}

async function* memberLines(
  session: TenantSession,
  enterAgain: string[],
): AsyncGenerator<string[]> {
  const lines: string[] = []
  for (const { at_home: atHome, ...member } of await archivedMembers(session)) {
    if (atHome) enterAgain.push(`member ${member.email} (through the tenant's identity provider)`)
    else lines.push(JSON.stringify(member))
  }
  if (lines.length > 0) yield lines
}

/** The value of its first column, which is the name of what holds secrets: a dataset. */
function nameOfRow({ columns }: ArchiveTable, line: string): string {
  const row = JSON.parse(line) as Record<string, string>
  return row[columns[0]?.name ?? ''] ?? ''
}
