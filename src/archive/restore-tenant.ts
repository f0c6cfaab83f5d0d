import { clearDraft, LEASE_MS } from '#archive/clear-draft.ts'
import { checkRestored } from '#archive/check-restored.ts'
import { lakePathOf, type Manifest } from '#archive/manifest.ts'
import type { ArchiveParts } from '#archive/parts.ts'
import { readArchive, type ReadOptions, type TakeEntry } from '#archive/read-archive.ts'
import { removeTenantRows } from '#archive/remove-tenant-rows.ts'
import { restoreFile } from '#archive/restore-file.ts'
import { refusalOf } from '#archive/refusal.ts'
import { restoreTable } from '#archive/restore-table.ts'
import { tableRules, type TableRule } from '#archive/table-rules.ts'
import { verifyArchive } from '#archive/verify-archive.ts'
import {
  beginRestore,
  finishRestore,
  keepRestore,
  restoreErased,
  unknownColumns,
  type RestoreDraft,
} from '#catalog/archive-restore.ts'
import type { Catalog } from '#catalog/catalog.ts'
import { MillraceError } from '#kernel/errors.ts'
import { brandTenant, type Tenant } from '#model/tenant.ts'

export interface RestoreRequest {
  readonly file: string
  /** Its name here; null: the one that it had. */
  readonly slug: string | null
  /** For the audit log: who asked for it. */
  readonly by: string
  /** Takes out whoever is erased by the tenant's rules, before anybody sees it. */
  replayErasures(tenant: Tenant): Promise<unknown>
}

export interface Restored {
  readonly tenant: Tenant
  readonly manifest: Manifest
}

/**
 * Brings a tenant back from its archive, into any deployment:
 *
 *   verify → begin (a draft that nothing finds) → rows → files → check → erase again → finish
 *
 * Ids of the tenant's own things stay; its number and its folder are new. Until `finish`, one
 * transaction, nobody sees anything of it, and a process that dies leaves a draft that the next try
 * removes. Throws `archive-damaged`, `archive-foreign`, `archive-refused`, `tenant-exists`,
 * `tenant-gone`, `restore-under-way`.
 */
export async function restoreTenant(
  parts: ArchiveParts,
  request: RestoreRequest,
  options: ReadOptions = {},
): Promise<Restored> {
  const { catalog, lake, ids } = parts
  const { signal } = options
  const verified = await verifyArchive(request.file, { signal })
  const slug = request.slug ?? verified.slug
  await refuseUnknown(catalog, verified)
  const draft = await catalog.asSystem((session) =>
    beginRestore(session, slug, request.by, LEASE_MS),
  )
  const keep = () => catalog.asSystem((session) => keepRestore(session, draft, LEASE_MS))
  const stopKeeping = keepOn(parts, keep)
  const attempt = ids.next('restore')
  try {
    if (draft.isLeftOver) await removeTenantRows(catalog, draft, keep)
    await lake.removeTenant(slug)
    const folder = await lake.staging(attempt)
    const manifest = await readArchive(
      request.file,
      async (read): Promise<TakeEntry> => {
        const tables = new Map(read.tables.map((table) => [`catalog/${table.name}.ndjson`, table]))
        return async (entry, body) => {
          signal?.throwIfAborted()
          const table = tables.get(entry.path)
          if (table) return restoreTable(parts, draft, table, entry.path, body)
          const path = `${slug}/${lakePathOf(entry.path) ?? ''}`
          return restoreFile(lake, { folder, path, entry }, body)
        }
      },
      options,
    )
    const tenant = brandTenant(draft.tenantId, slug)
    await checkRestored(catalog, tenant, manifest)
    const erased = await catalog.asSystem((session) => restoreErased(session, draft))
    if (erased === null) throw new MillraceError('archive-taken-over', { tenant: slug })
    if (erased > 0) await request.replayErasures(tenant)
    await finish(catalog, draft, manifest, request.by)
    return { tenant, manifest }
  } catch (error) {
    await giveUp(parts, draft)
    throw error
  } finally {
    stopKeeping()
    await lake.discardStaging(attempt)
  }
}

/** Before anything is made of it: tables and columns that this version does not have. */
async function refuseUnknown(catalog: Catalog, { tables }: Manifest): Promise<void> {
  for (const { name, columns } of tables) {
    const rule = tableRules[name]
    const entry = `catalog/${name}.ndjson`
    if (!rule || 'leave' in rule) {
      throw new MillraceError('archive-damaged', {
        entry,
        problem: 'is of no table that archives hold',
      })
    }
    const [column] = await foreignColumns(catalog, name, rule, columns)
    if (column === undefined) continue
    const problem = `has the column "${column}", which no archive of this version has`
    throw new MillraceError('archive-damaged', { entry, problem })
  }
}

async function foreignColumns(
  catalog: Catalog,
  table: string,
  rule: Exclude<TableRule, { leave: string }>,
  columns: readonly string[],
): Promise<string[]> {
  if ('members' in rule) return columns.filter((column) => !rule.members.includes(column))
  const left = columns.filter((column) => rule.without?.[column] !== undefined)
  if (left.length > 0) return left
  return catalog.asSystem((session) => unknownColumns(session, table, columns))
}

async function finish(
  catalog: Catalog,
  draft: RestoreDraft,
  manifest: Manifest,
  actor: string,
): Promise<void> {
  const { madeAt, slug: from, commitNumber } = manifest
  const detail = JSON.stringify({ commitNumber, from, madeAt, tenant: draft.slug })
  // A tenant that was about to be deleted when its archive was made is looked at before it goes on.
  const row =
    manifest.tenant['state'] === 'deleting'
      ? { ...manifest.tenant, state: 'suspended', state_reason: 'it was about to be deleted' }
      : manifest.tenant
  const done = await catalog
    .asSystem((session) => finishRestore(session, draft, row, { actor, detail }))
    .catch((error: unknown) => {
      throw refusalOf('the tenant', error)
    })
  if (!done) throw new MillraceError('archive-taken-over', { tenant: draft.slug })
}

/** Where nothing can be cleared up now, the next try does it, or whoever looks for what was left. */
async function giveUp(parts: ArchiveParts, draft: RestoreDraft): Promise<void> {
  try {
    await clearDraft(parts, draft)
  } catch (error) {
    parts.log.warn('clearing up after a restore', { tenant: draft.slug, error })
  }
}

function keepOn({ clock, log }: ArchiveParts, keep: () => Promise<boolean>): () => void {
  const stopping = new AbortController()
  void (async () => {
    while (!stopping.signal.aborted) {
      await clock.sleep(LEASE_MS / 4, stopping.signal).catch(() => {})
      if (stopping.signal.aborted) return
      await keep().catch((error: unknown) => log.warn('keeping the lease of a restore', { error }))
    }
  })()
  return () => stopping.abort()
}
