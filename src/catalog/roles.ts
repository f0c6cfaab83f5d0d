import { readFileSync } from 'node:fs'

import type { Session } from '#catalog/session.ts'
import { lockSetup } from '#catalog/setup-lock.ts'
import { MillraceError } from '#kernel/errors.ts'

const workingRoles = ['millrace_app', 'millrace_system'] as const

/** Makes the roles and the schema where they are missing, as the database user of DATABASE_URL. */
export async function ensureRoles(session: Session): Promise<void> {
  const [found] = await session.query<{ user: string; ready: boolean }>(
    `SELECT current_user AS "user", EXISTS (SELECT FROM pg_namespace WHERE nspname = 'millrace')
       AND (SELECT count(*) = 3 FROM pg_roles
            WHERE rolname IN ('millrace_owner', 'millrace_app', 'millrace_system')) AS ready`,
  )
  if (found?.ready) return
  await lockSetup(session)
  try {
    await session.query(readFileSync(`${import.meta.dirname}/roles.sql`, 'utf8'))
    await session.query(
      `DO $$ BEGIN
         IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
           GRANT millrace_owner, millrace_app, millrace_system TO CURRENT_USER;
         END IF;
       END $$`,
    )
    await session.query('CREATE SCHEMA IF NOT EXISTS millrace AUTHORIZATION millrace_owner')
  } catch (error) {
    if (!isDenied(error)) throw error
    throw new MillraceError(
      'catalog-roles-missing',
      { user: found?.user ?? '', message: (error as Error).message },
      { cause: error },
    )
  }
}

function isDenied(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '42501'
}

interface RoleRights {
  readonly role: string
  readonly superuser: boolean
  readonly bypasses: boolean
  readonly ownsTables: boolean
  /** Roles with such rights that it is a member of. */
  readonly becomes: readonly string[]
}

/**
 * Refuses roles that row-level security would not hold: superusers, those that may bypass it, and
 * owners of tables. Throws `catalog-roles-unsafe`.
 */
export async function assertSafeRoles(session: Session): Promise<void> {
  const roles = await session.query<RoleRights>(
    `SELECT r.rolname AS role, r.rolsuper AS superuser, r.rolbypassrls AS bypasses,
       EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid AND c.relkind IN ('r', 'p')
               AND c.relnamespace = 'millrace'::regnamespace) AS "ownsTables",
       ARRAY(SELECT s.rolname::text FROM pg_roles s
             WHERE s.oid <> r.oid AND NOT r.rolsuper AND pg_has_role(r.oid, s.oid, 'MEMBER')
               AND (s.rolsuper OR s.rolbypassrls OR s.rolname = 'millrace_owner')) AS becomes
     FROM pg_roles r WHERE r.rolname = ANY ($1)`,
    [workingRoles],
  )
  for (const { role, superuser, bypasses, ownsTables, becomes } of roles) {
    if (superuser) throw unsafe(role, 'is a superuser', `ALTER ROLE ${role} NOSUPERUSER`)
    if (bypasses) throw unsafe(role, 'may bypass it', `ALTER ROLE ${role} NOBYPASSRLS`)
    if (ownsTables) {
      throw unsafe(
        role,
        'owns tables of the catalog',
        `REASSIGN OWNED BY ${role} TO millrace_owner`,
      )
    }
    if (becomes[0]) {
      throw unsafe(role, `is a member of ${becomes[0]}`, `REVOKE ${becomes[0]} FROM ${role}`)
    }
  }
}

function unsafe(role: string, fault: string, fix: string): MillraceError {
  return new MillraceError('catalog-roles-unsafe', { role, fault, fix })
}
