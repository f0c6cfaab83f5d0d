import type { Catalog } from '#catalog/catalog.ts'
import { noteChange } from '#catalog/change.ts'
import { notedCommits } from '#catalog/commit-notes.ts'
import type { Database } from '#catalog/database.ts'
import { beginFolder } from '#catalog/embedded-folder.ts'
import { maintainEmbedded } from '#catalog/maintenance.ts'
import { migrate, readMigrations } from '#catalog/migrate.ts'
import { openNotices } from '#catalog/notices.ts'
import { noteOnce } from '#catalog/once.ts'
import { openPglite } from '#catalog/pglite.ts'
import { openPostgres } from '#catalog/postgres.ts'
import { assertSafeRoles, ensureRoles } from '#catalog/roles.ts'
import type { Session, SystemSession, TenantSession } from '#catalog/session.ts'
import { createTransactions, type Transact } from '#catalog/transactions.ts'
import type { Clock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Logger } from '#kernel/logger.ts'
import type { Random } from '#kernel/random.ts'

export type { Catalog }

/** A PostgreSQL database by its address, or PGlite in a folder (null: in memory, for tests). */
export type CatalogPlace =
  | { readonly url: string; readonly connections?: number }
  | {
      readonly folder: string | null
      /** A dump of a catalog to begin from where there is none, see pglite.ts. */
      readonly template?: string | undefined
      /** Where an empty catalog is kept for the next first start, see embedded-folder.ts. */
      readonly cacheFolder?: string | undefined
    }

export interface CatalogParts {
  readonly log: Logger
  readonly clock: Clock
  readonly random: Random
}

const OLDEST_POSTGRES = 15
/** A process that did less than this leaves nothing that is worth the time of clearing up. */
const WORN_AFTER = 300

/**
 * Every statement of the catalog is written for an index. A young table has no statistics yet (and
 * the embedded engine has nobody who gathers them), so the planner would read it whole.
 */
const inMillrace =
  'SET LOCAL search_path = millrace, pg_temp; SET LOCAL jit = off; SET LOCAL enable_seqscan = off'

/**
 * A process that stands still in the middle of a transaction (stopped, swapped out, cut off) must not
 * hold a claim or a publish of others: the server ends its transaction, and what it does next is
 * refused. The embedded engine has one session, and it ends with the process.
 */
const unlessStalled = "; SET LOCAL idle_in_transaction_session_timeout = '10s'"

/** Opens the catalog, makes its roles where they are missing and brings its schema up to date. */
export async function openCatalog(place: CatalogPlace, parts: CatalogParts): Promise<Catalog> {
  if ('folder' in place && place.folder !== null && place.template === undefined) {
    await beginFolder(place.folder, place.cacheFolder ?? null, async (draft) => {
      const begun = await openCatalogOn(await openPglite(draft), parts)
      await begun.close()
    })
  }
  const database =
    'url' in place
      ? openPostgres(place.url, parts, place.connections)
      : await openPglite(place.folder, place)
  try {
    return await openCatalogOn(database, parts)
  } catch (error) {
    await database.close().catch(() => {})
    throw error
  }
}

/** The same over a database that is open; the catalog's `close` closes it, too. */
export async function openCatalogOn(database: Database, parts: CatalogParts): Promise<Catalog> {
  const transact = createTransactions(database, parts)
  const version = await transact('', serverVersion)
  if (version.major < OLDEST_POSTGRES) {
    const { place } = database
    throw new MillraceError('catalog-unsupported', { place, version: version.major })
  }
  await transact('', ensureRoles)
  const applied = await migrate(transact)
  if (applied > 0) parts.log.info('brought the catalog up to date', { migrations: applied })
  await transact('', assertSafeRoles)
  return catalogOf(database, transact, version.text)
}

async function serverVersion(session: Session): Promise<{ major: number; text: string }> {
  const [row] = await session.query<{ number: number; text: string }>(
    `SELECT current_setting('server_version_num')::int AS number, version() AS text`,
  )
  return { major: Math.floor((row?.number ?? 0) / 10_000), text: row?.text ?? '' }
}

function catalogOf(database: Database, transact: Transact, version: string): Catalog {
  const prelude = database.engine === 'postgres' ? inMillrace + unlessStalled : inMillrace
  const ready = openNotices<void>(database, 'millrace_ready', () => {})
  const events = openNotices(database, 'millrace_events', (text) => (text ? Number(text) : null))
  const commits = new Set<(tenantId: number) => void>()
  let closed: Promise<void> | null = null
  let transactions = 0

  async function maintain(): Promise<void> {
    transactions = 0
    if (database.engine === 'pglite') await maintainEmbedded(database)
  }

  async function close(): Promise<void> {
    await Promise.all([ready.close(), events.close()])
    try {
      if (transactions > WORN_AFTER) await maintain()
    } finally {
      await database.close()
    }
  }

  /** A transaction that ends with its row of the audit log, where it is part of a change. */
  async function noting<T, Kind extends TenantSession | SystemSession>(
    begin: string,
    toSession: (session: Session) => Kind,
    work: (session: Kind) => Promise<T>,
  ): Promise<T> {
    let committed = () => {}
    let moved: Iterable<number> = []
    const result = await transact(begin, async (session) => {
      const own = toSession(session)
      const answer = await work(own)
      committed = await noteChange(own)
      moved = notedCommits(own)
      await noteOnce(own)
      return answer
    })
    committed()
    for (const tenantId of moved) commits.forEach((listener) => listener(tenantId))
    return result
  }

  return {
    engine: database.engine,
    asTenant(tenant, work) {
      transactions++
      return noting(
        `SET LOCAL ROLE millrace_app; ${prelude}; SET LOCAL millrace.tenant = '${Number(tenant.id)}'`,
        (session) => ({ ...session, tenant }) satisfies TenantSession,
        work,
      )
    },
    asSystem: (work) =>
      noting(
        `SET LOCAL ROLE millrace_system; ${prelude}`,
        (session) => ({ ...session, system: true }) satisfies SystemSession,
        work,
      ),
    onReady: ready.add,
    onCommit(listener) {
      commits.add(listener)
      return () => void commits.delete(listener)
    },
    onEvents: events.add,
    maintain,
    async stats() {
      const [row] = await transact('', (session) =>
        session.query<{ size: number }>('SELECT pg_database_size(current_database()) AS size'),
      )
      return {
        engine: database.engine,
        version,
        sizeBytes: row?.size ?? 0,
        migrations: readMigrations().length,
        connections: database.connections(),
      }
    },
    close: () => (closed ??= close()),
  }
}
