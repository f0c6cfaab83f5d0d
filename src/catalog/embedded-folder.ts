import { existsSync } from 'node:fs'
import { constants, cp, mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { readMigrations } from '#catalog/migrate.ts'
import { sha256 } from '#kernel/hash.ts'

/**
 * The first start of an embedded catalog. Making a database takes seconds and may be killed at any
 * moment, so it is made under another name and renamed when it is whole: a folder called `folder`
 * is always one that can be opened. An empty, migrated database is kept in `cacheFolder` (the
 * user's own, not shared) and copied from there the next time, which takes a fraction.
 */
export async function beginFolder(
  folder: string,
  cacheFolder: string | null,
  make: (folder: string) => Promise<void>,
): Promise<void> {
  if (existsSync(folder)) return
  const draft = `${folder}.draft`
  await rm(draft, { recursive: true, force: true })
  await mkdir(dirname(folder), { recursive: true })
  const kept = cacheFolder === null ? null : join(cacheFolder, `catalog-${stateOfSchema()}`)
  if (kept !== null && existsSync(kept)) await copy(kept, draft)
  else {
    await make(draft)
    if (kept !== null) await keep(draft, kept)
  }
  await rename(draft, folder)
}

/** Whoever is first keeps it; a cache that cannot be written is no reason not to start. */
async function keep(draft: string, kept: string): Promise<void> {
  const own = `${kept}.${process.pid}`
  try {
    await mkdir(dirname(kept), { recursive: true, mode: 0o700 })
    await copy(draft, own)
    await rename(own, kept)
  } catch {
    await rm(own, { recursive: true, force: true }).catch(() => {})
  }
}

function copy(from: string, to: string): Promise<void> {
  return cp(from, to, { recursive: true, mode: constants.COPYFILE_FICLONE })
}

/** Changes with the schema and with the engine, whose files only it can read. */
function stateOfSchema(): string {
  const checksums = readMigrations().map(({ checksum }) => checksum)
  return sha256([ENGINE_FORMAT, ...checksums].join('\n')).slice(0, 16)
}

/** Raised with every change of the embedded engine's version or of `roles.ts`. */
const ENGINE_FORMAT = 'pglite 0.5.16, roles 1'
