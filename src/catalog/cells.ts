import type { SystemSession } from '#catalog/session.ts'
import { brandTenant, type Tenant } from '#model/tenant.ts'

/** A catalog and a lake of their own for the data of some tenants, as the directory knows it. */
export interface Cell {
  readonly name: string
  /** Address of its database without the password, or its folder. */
  readonly place: string
  /** A folder or `s3://…`; null: in the home. */
  readonly lake: string | null
  readonly createdAt: Date
  readonly tenants: number
  /** When somebody will look into it; null: nothing is foreseen. */
  readonly dueAt: Date | null
  /** The process that does its work at this moment. */
  readonly holder: string | null
}

export interface NewCell {
  readonly name: string
  /** Sealed; null: embedded. */
  readonly address: string | null
  readonly place: string
  readonly lake: string | null
}

/** False when there is one of that name. */
export async function createCell(session: SystemSession, cell: NewCell): Promise<boolean> {
  const { name, address, place, lake } = cell
  const [row] = await session.query<{ made: boolean }>(
    'SELECT cell_create($1, $2, $3, $4) AS made',
    [name, address, place, lake],
  )
  return row?.made ?? false
}

/** By name, or the one of that name. */
export async function listCells(
  session: SystemSession,
  {
    name,
    after,
    limit,
  }: { readonly name?: string; readonly after?: string; readonly limit: number },
): Promise<Cell[]> {
  return session.query<Cell>(
    `SELECT name, place, lake, created_at AS "createdAt", tenants, due_at AS "dueAt", holder
     FROM cell_list($1, $2, $3)`,
    [name ?? null, after ?? null, limit],
  )
}

export interface CellPlace {
  /** Sealed; null: embedded. */
  readonly address: string | null
  readonly place: string
  readonly lake: string | null
}

export async function cellPlace(session: SystemSession, name: string): Promise<CellPlace | null> {
  const [row] = await session.query<CellPlace>('SELECT address, place, lake FROM cell_open($1)', [
    name,
  ])
  return row ?? null
}

/** The cell that holds a tenant's data (null: none), and whether any tenant has one. */
export async function cellOf(
  session: SystemSession,
  tenant: Tenant,
): Promise<{ readonly cell: string | null; readonly some: boolean }> {
  const [row] = await session.query<{ cell: string | null; some: boolean }>(
    'SELECT cell, any_at_all AS some FROM cell_of($1)',
    [tenant.id],
  )
  return row ?? { cell: null, some: false }
}

/** Numbers of those tenants whose data lie in cells. */
export async function tenantsInCells(
  session: SystemSession,
  tenants: readonly Tenant[],
): Promise<Set<number>> {
  const rows = await session.query<{ id: number }>('SELECT cell_among($1) AS id', [
    tenants.map(({ id }) => id),
  ])
  return new Set(rows.map(({ id }) => id))
}

/** Tenants of a cell by number, behind the given one. */
export async function cellTenants(
  session: SystemSession,
  cell: string,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<Tenant[]> {
  const rows = await session.query<{ id: number; slug: string }>(
    'SELECT id, slug FROM cell_tenants($1, $2, $3)',
    [cell, after, limit],
  )
  return rows.map(({ id, slug }) => brandTenant(id, slug))
}

/** `elsewhere`: it is in another cell; `used`: it has data in the directory already. */
export async function putTenant(
  session: SystemSession,
  tenant: Tenant,
  cell: string,
): Promise<'placed' | 'elsewhere' | 'used'> {
  const [row] = await session.query<{ outcome: 'placed' | 'elsewhere' | 'used' }>(
    'SELECT cell_put_tenant($1, $2) AS outcome',
    [tenant.id, cell],
  )
  return row?.outcome ?? 'elsewhere'
}

/** What a catalog is: `cell` is null where it is a directory. */
export interface CellMark {
  readonly directory: string
  readonly cell: string | null
}

/** Null: neither a directory nor a cell. */
export async function cellMark(session: SystemSession): Promise<CellMark | null> {
  const [row] = await session.query<CellMark>('SELECT directory, cell FROM cell_mark_of()')
  return row ?? null
}

/**
 * Says what a catalog is from now on: a directory (null), or a cell. What it is already stays, and is
 * returned; null for a catalog with tenants of its own that was to become a cell.
 */
export async function markCatalog(
  session: SystemSession,
  mark: CellMark | null,
): Promise<CellMark | null> {
  const [row] = await session.query<CellMark>('SELECT directory, cell FROM cell_mark_as($1, $2)', [
    mark?.directory ?? null,
    mark?.cell ?? null,
  ])
  return row ?? null
}

/** In a cell: makes the tenant known under its number. False: another has its number or its name. */
export async function adoptTenant(session: SystemSession, tenant: Tenant): Promise<boolean> {
  const [row] = await session.query<{ known: boolean }>(
    'SELECT cell_adopt_tenant($1, $2) AS known',
    [tenant.id, tenant.slug],
  )
  return row?.known ?? false
}
