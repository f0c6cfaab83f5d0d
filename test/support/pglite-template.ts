import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { PGlite } from '@electric-sql/pglite'

import { readMigrations } from '#catalog/migrate.ts'
import { openCatalog } from '#catalog/open.ts'
import { systemClock } from '#kernel/clock.ts'
import { sha256 } from '#kernel/hash.ts'
import { silentLogger } from '#kernel/logger.ts'
import { systemRandom } from '#kernel/random.ts'

/**
 * Path of a dump of an empty, migrated catalog, made once for each state of the migrations: to open
 * one from it takes a fifth of the time. Processes that need it at the same moment may each make it.
 */
export async function pgliteTemplate(): Promise<string> {
  const pglite = await readFile(
    join(import.meta.dirname, '../../node_modules/@electric-sql/pglite/package.json'),
    'utf8',
  )
  const state = readMigrations().map(({ checksum }) => checksum)
  const name = sha256([pglite, ...state].join('\n')).slice(0, 16)
  const path = join(tmpdir(), `millrace-test-catalog-${name}.tar`)
  if (!existsSync(path)) await makeTemplate(path)
  return path
}

async function makeTemplate(path: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-test-template-'))
  try {
    const home = join(folder, 'catalog')
    const parts = { clock: systemClock, random: systemRandom, log: silentLogger }
    await (await openCatalog({ folder: home }, parts)).close()
    const lite = await PGlite.create(home)
    const dump = await lite.dumpDataDir('none')
    await lite.close()
    const draft = join(folder, 'template.tar')
    await writeFile(draft, Buffer.from(await dump.arrayBuffer()))
    await rename(draft, path)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
