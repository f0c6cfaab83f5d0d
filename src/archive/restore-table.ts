import { z } from 'zod'

import type { Manifest } from '#archive/manifest.ts'
import { readRows } from '#archive/read-rows.ts'
import { refusalOf } from '#archive/refusal.ts'
import { ruleOf } from '#archive/table-rules.ts'
import { restoreMembers, restoreRows, type RestoreDraft } from '#catalog/archive-restore.ts'
import type { Catalog } from '#catalog/catalog.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Ids } from '#kernel/ids.ts'
import { normalEmail } from '#model/email.ts'

/** Brings the rows of one table back into a draft. Throws `archive-refused`, `archive-taken-over`. */
export async function restoreTable(
  { catalog, ids }: { readonly catalog: Catalog; readonly ids: Ids },
  draft: RestoreDraft,
  { name, columns }: Manifest['tables'][number],
  entry: string,
  body: AsyncIterable<Buffer>,
): Promise<void> {
  const isOfMembers = 'members' in ruleOf(name)
  for await (const lines of readRows(entry, body)) {
    const members = isOfMembers ? lines.map((line) => toMember(entry, line, ids)) : []
    const ours = await catalog
      .asSystem((session) =>
        isOfMembers
          ? restoreMembers(session, draft, members)
          : restoreRows(session, draft, name, columns, lines),
      )
      .catch((error: unknown) => {
        throw refusalOf(entry, error)
      })
    if (!ours) throw new MillraceError('archive-taken-over', { tenant: draft.slug })
  }
}

const memberSchema = z.strictObject({
  email: z.string(),
  name: z.string().max(300),
  role: z.string().max(100),
  created_at: z.string(),
})

function toMember(entry: string, line: string, ids: Ids) {
  let given: unknown
  try {
    given = JSON.parse(line)
  } catch {
    given = null
  }
  const parsed = memberSchema.safeParse(given)
  if (!parsed.success || normalEmail(parsed.data.email) !== parsed.data.email) {
    throw new MillraceError('archive-refused', { entry, problem: 'it is no member' })
  }
  return { id: ids.next('usr'), ...parsed.data }
}
