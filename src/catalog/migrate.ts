import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Session } from '#catalog/session.ts'
import { lockSetup } from '#catalog/setup-lock.ts'
import type { Transact } from '#catalog/transactions.ts'
import { MillraceError } from '#kernel/errors.ts'
import { sha256 } from '#kernel/hash.ts'

export interface Migration {
  readonly number: number
  readonly name: string
  readonly checksum: string
  readonly sql: string
}

const FOLDER = join(import.meta.dirname, 'migrations')
const asOwner = 'SET LOCAL ROLE millrace_owner; SET LOCAL search_path = millrace, pg_temp'

/** The migrations that this program ships, by number. */
export function readMigrations(folder = FOLDER): Migration[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => {
      const sql = readFileSync(join(folder, file), 'utf8')
      const [number = '', ...words] = file.replace(/\.sql$/, '').split('-')
      return { number: Number(number), name: words.join('-'), checksum: sha256(sql), sql }
    })
}

/**
 * Brings the schema up to date, each migration in a transaction of its own, and returns how many
 * were applied. Throws `catalog-newer`, `catalog-changed`.
 */
export async function migrate(
  transact: Transact,
  migrations: readonly Migration[] = readMigrations(),
): Promise<number> {
  const pending = await transact(asOwner, (session) => pendingMigrations(session, migrations))
  if (pending.length === 0) return 0
  let applied = 0
  for (const migration of pending) {
    await transact(asOwner, async (session) => {
      await lockSetup(session)
      const still = await pendingMigrations(session, migrations)
      if (still[0]?.number !== migration.number) return
      await session.query(migration.sql)
      await session.query('INSERT INTO migration (number, name, checksum) VALUES ($1, $2, $3)', [
        migration.number,
        migration.name,
        migration.checksum,
      ])
      applied += 1
    })
  }
  return applied
}

async function pendingMigrations(
  session: Session,
  migrations: readonly Migration[],
): Promise<Migration[]> {
  const [table] = await session.query<{ there: boolean }>(
    `SELECT to_regclass('millrace.migration') IS NOT NULL AS there`,
  )
  if (!table?.there) {
    await lockSetup(session)
    await session.query(
      `CREATE TABLE IF NOT EXISTS migration (
         number int PRIMARY KEY, name text NOT NULL, checksum text NOT NULL,
         applied_at timestamptz NOT NULL DEFAULT clock_timestamp())`,
    )
  }
  const applied = await session.query<{ number: number; name: string; checksum: string }>(
    'SELECT number, name, checksum FROM migration ORDER BY number',
  )
  const known = new Map(migrations.map((migration) => [migration.number, migration]))
  for (const { number, name, checksum } of applied) {
    const ours = known.get(number)
    if (!ours) throw new MillraceError('catalog-newer', { found: number, known: known.size })
    if (ours.checksum !== checksum) {
      throw new MillraceError('catalog-changed', { migration: `${number} (${name})` })
    }
  }
  const done = new Set(applied.map(({ number }) => number))
  return migrations.filter(({ number }) => !done.has(number))
}
