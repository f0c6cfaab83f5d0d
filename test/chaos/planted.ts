import { copyFile, truncate } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import type { Wrap } from '#app/compose.ts'
import type { StagedFile } from '#model/outcome.ts'

/** How late what should have come first comes. */
const LATE_MS = 700

/** Faults in the order of a publish. Each of them must make a campaign fail. */
export const plantedWraps = {
  /** The catalog names the file a while before it comes to its final name. */
  'commit-before-rename': {
    lake: (lake) => ({
      ...lake,
      async adopt(staged, toPath) {
        const kept = keptAside(staged, toPath)
        await copyFile(staged.path, kept)
        setTimeout(
          () => void lake.adopt({ ...staged, path: kept }, toPath).catch(() => {}),
          LATE_MS,
        )
        return { path: toPath, sizeBytes: staged.sizeBytes, sha256: staged.sha256 }
      },
    }),
  },
  /** The file has its final name, but not yet all of its bytes, when the catalog names it. */
  'commit-before-write': {
    lake: (lake) => ({
      ...lake,
      async adopt(staged, toPath) {
        const kept = keptAside(staged, toPath)
        await copyFile(staged.path, kept)
        const file = await lake.adopt(staged, toPath)
        const path = join(lakeOf(staged), toPath)
        await truncate(path, Math.floor(staged.sizeBytes / 2))
        setTimeout(() => void copyFile(kept, path).catch(() => {}), LATE_MS)
        return file
      },
    }),
  },
  /** Versions and pointers are committed in one transaction, the end of their tasks never. */
  'tasks-left-open': {
    catalog: (catalog) => ({
      ...catalog,
      asTenant: (tenant, work) =>
        catalog.asTenant(tenant, (session) => {
          let publishes = false
          return work({
            ...session,
            async query<Row extends object>(text: string, params?: readonly unknown[]) {
              if (publishes && text.includes('tasks_end(')) return []
              publishes ||= text.includes('INSERT INTO version')
              return session.query<Row>(text, params)
            },
          })
        }),
    }),
  },
} as const satisfies Record<string, Wrap>

export type Planted = keyof typeof plantedWraps

/** Staging folders lie in a hidden folder of the lake, one for each attempt. */
function lakeOf(staged: StagedFile): string {
  return dirname(dirname(dirname(staged.path)))
}

function keptAside(staged: StagedFile, toPath: string): string {
  return join(dirname(dirname(staged.path)), `late-${toPath.replaceAll('/', '-')}`)
}
