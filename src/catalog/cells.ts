import type { SystemSession } from '#catalog/session.ts'
import type { TenantState } from '#catalog/tenants.ts'
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

/**
 * The cell that holds a tenant's data (null: none), whether it knows the tenant as it is now, and
 * whether any tenant has one.
 */
export async function cellOf(
  session: SystemSession,
  tenant: Tenant,
): Promise<{ readonly cell: string | null; readonly isKnown: boolean; readonly some: boolean }> {
  const [row] = await session.query<{
    cell: string | null
    isKnown: boolean | null
    some: boolean
  }>('SELECT cell, is_known AS "isKnown", some_are AS some FROM cell_of($1)', [tenant.id])
  const { cell = null, isKnown = false, some = false } = row ?? {}
  return { cell, isKnown: isKnown ?? false, some }
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

/** `elsewhere`: it is in another cell; `used`: it has data in the directory already; `unknown`: no such cell. */
export async function putTenant(
  session: SystemSession,
  tenant: Tenant,
  cell: string,
): Promise<'placed' | 'elsewhere' | 'used' | 'unknown'> {
  const [row] = await session.query<{ outcome: 'placed' | 'elsewhere' | 'used' | 'unknown' }>(
    'SELECT cell_put_tenant($1, $2) AS outcome',
    [tenant.id, cell],
  )
  return row?.outcome ?? 'unknown'
}

/** A tenant's row as the directory has it. */
export interface TenantRow {
  readonly id: number
  readonly slug: string
  readonly state: TenantState
  readonly state_reason: string | null
}

export interface TenantChange {
  readonly cell: string
  /** For `noteKnown`. */
  readonly changed: number
  readonly tenant: TenantRow
}

/** Tenants of which these cells do not know the latest. */
export async function tenantChanges(
  session: SystemSession,
  cells: readonly string[],
  limit: number,
): Promise<TenantChange[]> {
  return session.query<TenantChange>('SELECT cell, changed, tenant FROM cell_changes($1, $2)', [
    cells,
    limit,
  ])
}

export async function noteKnown(
  session: SystemSession,
  { tenant, changed }: TenantChange,
): Promise<void> {
  await session.query('SELECT cell_note_known($1, $2)', [tenant.id, changed])
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

/**
 * In a cell: makes the tenant what the directory's row says, all but its state. Returns the state
 * that it had; null: another tenant has its number or its name.
 */
export async function takeOverTenant(
  session: SystemSession,
  tenant: TenantRow,
): Promise<string | null> {
  const [row] = await session.query<{ former: string | null }>(
    'SELECT cell_take_over($1) AS former',
    [JSON.stringify(tenant)],
  )
  return row?.former ?? null
}
