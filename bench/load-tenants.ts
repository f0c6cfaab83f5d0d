import type { Database } from '#catalog/database.ts'
import type { CatalogPlace } from '#catalog/open.ts'
import { openPglite } from '#catalog/pglite.ts'
import { openPostgres } from '#catalog/postgres.ts'
import { systemClock } from '#kernel/clock.ts'
import { systemRandom } from '#kernel/random.ts'
import { silentLogger } from '#kernel/logger.ts'

/**
 * So many idle tenants at once, as the database's own user: each with a limit, a rate and a key, one
 * in ten with a schedule. Onboarding them one by one would take minutes.
 */
export async function loadTenants(place: CatalogPlace, count: number): Promise<void> {
  const parts = { clock: systemClock, random: systemRandom, log: silentLogger }
  const database: Database =
    'url' in place ? openPostgres(place.url, parts) : await openPglite(place.folder, place)
  try {
    const { client, release } = await database.connect()
    await client.query('SET search_path = millrace, public')
    for (const statement of statements) await client.query(statement, [count])
    await client.query('ANALYZE')
    await client.query('RESET search_path')
    release()
  } finally {
    await database.close()
  }
}

const statements = [
  `SELECT count(tenant_create('t-' || n)) FROM generate_series(1, $1::int) AS n`,
  `INSERT INTO queue_limit (tenant_id, scope, value, running_max, rate_max, rate_ms, by_operator)
   SELECT id, 'tenant', '', 4, 1000, 60000, true FROM tenant
   WHERE slug LIKE 't-%' AND $1::int > 0`,
  `INSERT INTO api_key (tenant_id, id, name, hash, permissions)
   SELECT id, 'mk_' || slug, 'first key', sha256(slug::bytea), '{read}' FROM tenant
   WHERE slug LIKE 't-%' AND $1::int > 0`,
  `INSERT INTO trigger (tenant_id, id, kind, name, definition, created_by, due_at, next_at)
   SELECT id, 'sch_' || slug, 'schedule', 'nightly', '{}', 'bench',
     millrace_now() + interval '1 day', millrace_now() + interval '1 day'
   FROM tenant WHERE slug LIKE 't-%0' AND $1::int > 0`,
] as const
