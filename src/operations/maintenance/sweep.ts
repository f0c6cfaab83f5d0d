import { z } from 'zod'

import { listFiles, type CatalogFile } from '#catalog/files.ts'
import { markSwept, sweepable } from '#catalog/sweep.ts'
import { listTenants } from '#catalog/tenants.ts'
import { defineOperation } from '#operations/operation.ts'
import type { Parts } from '#operations/parts.ts'

const ORPHAN_AGE_MS = 3_600_000
const PAGE = 10_000

const swept = z.object({ files: z.int(), bytes: z.int() })

export const sweepOperation = defineOperation({
  name: 'maintenance.sweep',
  summary: 'Remove files of versions that nothing needs any more, and what stopped attempts left',
  permission: 'operator',
  rest: { method: 'POST', path: '/v1/maintenance/sweep' },
  input: z.strictObject({
    keepFormerDays: z
      .number()
      .min(0)
      .max(3650)
      .optional()
      .describe('How long former versions stay, so that undo can bring them back; default 30.'),
  }),
  output: z.object({ versions: swept, orphans: swept }),
  async handler({ keepFormerDays }, { parts }) {
    const keepFormerMs =
      keepFormerDays === undefined ? parts.limits.keepFormerMs : keepFormerDays * 86_400_000
    const versions = { files: 0, bytes: 0 }
    const known = new Set<string>()
    for (const tenant of await listTenants(parts.catalog)) {
      // Marked first: a reader that resolves its files after the commit cannot name them any more.
      const files = await parts.catalog.asTenant(tenant, async (session) => {
        const ripe = await sweepable(session, { keepFormerMs })
        await markSwept(
          session,
          ripe.map(({ id }) => id),
        )
        return ripe
      })
      const removed = await parts.lake.remove(files.map(({ path }) => path))
      versions.files += removed.files
      versions.bytes += removed.bytes
    }
    for await (const { path } of everyFile(parts)) known.add(path)
    return { versions, orphans: { ...(await parts.lake.sweepOrphans(known, ORPHAN_AGE_MS)) } }
  },
})

/** Every file that has to be there, of all tenants. */
export async function* everyFile(parts: Parts): AsyncGenerator<CatalogFile> {
  for (const tenant of await listTenants(parts.catalog)) {
    let after = 0
    for (;;) {
      const page = await parts.catalog.asTenant(tenant, (session) =>
        listFiles(session, { after, limit: PAGE }),
      )
      yield* page
      const last = page.at(-1)
      if (!last || page.length < PAGE) break
      after = last.id
    }
  }
}
