import { pageTenants } from '#catalog/tenants.ts'
import { ok, type Check } from '#operations/health/finding.ts'

export const checkCatalog: Check = async ({ catalog, clock }) => {
  const startedMs = clock.monotonicMs()
  const { engine, version, sizeBytes, connections } = await catalog.stats()
  const tookMs = Math.round(clock.monotonicMs() - startedMs)
  const place = engine === 'pglite' ? 'embedded' : 'server'
  const short = /^PostgreSQL [\d.]+/.exec(version)?.[0] ?? version
  const megabytes = (sizeBytes / 1e6).toFixed(1)
  const open = engine === 'pglite' ? '' : `, ${connections.open} connections`
  return ok(`${short} (${place}), ${megabytes} MB${open}, answers in ${tookMs} ms`)
}

/** Asks the database itself: the role of a tenant's transaction must not be able to see past its rows. */
export const checkRoles: Check = async ({ catalog }) => {
  const [first] = await catalog.asSystem((session) => pageTenants(session, { limit: 1 }))
  if (!first) return ok('no tenant yet')
  const [role] = await catalog.asTenant(first.tenant, (session) =>
    session.query<{ name: string; unsafe: boolean; loose: number }>(
      `SELECT current_user::text AS name,
         (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user) AS unsafe,
         (SELECT count(*)::int FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
          WHERE c.relnamespace = 'millrace'::regnamespace AND c.relkind = 'r'
            AND a.attname = 'tenant_id' AND NOT (c.relrowsecurity AND c.relforcerowsecurity)) AS loose`,
      [],
    ),
  )
  if (role && !role.unsafe && role.loose === 0) {
    return ok(`row-level security holds for every tenant table (role ${role.name})`)
  }
  return {
    state: 'problem',
    detail: `role ${role?.name} ${role?.unsafe ? 'may bypass row-level security' : `sees ${role?.loose} tables without forced row-level security`}`,
    remedy: 'Stop the server and restore the roles as docs/architecture.md describes them.',
  }
}
