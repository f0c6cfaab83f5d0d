import type { ArchiveParts } from '#archive/parts.ts'
import { removeTenantRows } from '#archive/remove-tenant-rows.ts'
import {
  abandonRestore,
  keepRestore,
  takeLapsedRestore,
  type RestoreDraft,
} from '#catalog/archive-restore.ts'

export const LEASE_MS = 60_000
/** Whoever wants to try a restore again has done so by then. */
const LEFT_AFTER_MS = 3_600_000

type Stores = Pick<ArchiveParts, 'catalog' | 'lake'>

/** Removes all that a restore has brought so far; nothing where another process has taken over. */
export async function clearDraft({ catalog, lake }: Stores, draft: RestoreDraft): Promise<void> {
  const keep = () => catalog.asSystem((session) => keepRestore(session, draft, LEASE_MS))
  if (!(await keep())) return
  await removeTenantRows(catalog, draft, keep)
  await lake.removeTenant(draft.slug)
  await catalog.asSystem((session) => abandonRestore(session, draft))
}

/** Clears up after one restore whose process has died and that nobody tried again; its slug, or null. */
export async function clearLapsedRestore(stores: Stores): Promise<string | null> {
  const draft = await stores.catalog.asSystem((session) =>
    takeLapsedRestore(session, LEFT_AFTER_MS, LEASE_MS),
  )
  if (draft) await clearDraft(stores, draft)
  return draft?.slug ?? null
}
