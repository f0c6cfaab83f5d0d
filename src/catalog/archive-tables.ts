import type { SystemSession, TenantSession } from '#catalog/session.ts'

/** A table that holds rows of tenants, as the schema has it at this moment. */
export interface ArchiveTable {
  readonly name: string
  /** All but the tenant's number. */
  readonly columns: readonly ArchiveColumn[]
  /** Tables that its rows refer to. */
  readonly needs: readonly string[]
}

export interface ArchiveColumn {
  readonly name: string
  /** As PostgreSQL writes it: `timestamp with time zone`. */
  readonly type: string
  /** The database computes it from the others. */
  readonly isComputed: boolean
  readonly isRequired: boolean
  /** Holds secrets that are sealed for their place, or JSON with such. */
  readonly isSealed: boolean
}

/** Every table with rows of tenants but that of the tenants themselves: first those that others refer to. */
export async function archiveTables(
  session: SystemSession | TenantSession,
): Promise<ArchiveTable[]> {
  const tables = await session.query<ArchiveTable>(
    'SELECT name, columns, needs FROM archive_tables()',
  )
  const byName = new Map(tables.map((table) => [table.name, table]))
  const ordered = new Set<ArchiveTable>()
  const visit = (table: ArchiveTable, path: readonly string[]): void => {
    for (const name of table.needs) {
      const needed = byName.get(name)
      if (needed && !path.includes(name)) visit(needed, [...path, name])
    }
    ordered.add(table)
  }
  for (const table of tables) visit(table, [table.name])
  return [...ordered]
}
