import type { Tenant } from '#model/tenant.ts'
import type { Parts } from '#operations/parts.ts'

/**
 * The cells as operations see them. People, keys and tenants are in the directory; the data of a
 * tenant in a cell, and all that is done with them, are in the cell's own catalog and lake.
 */
export interface CellPlaces {
  /** Name of the cell that a tenant's data lie in; null: in the directory. Throws `cell-unreachable`. */
  cellOf(tenant: Tenant): Promise<string | null>
  /** It has just been given its place. */
  forget(tenant: Tenant): void
  /** The cell that a tenant's data lie in, as `hold` gives it; null: they lie in the directory. */
  holdFor(tenant: Tenant): Promise<HeldParts | null>
  /** Opens it where it is not open; it stays so until `release`. Throws `cell-unknown`, `cell-unreachable`. */
  hold(name: string): Promise<HeldParts>
  /** Something is to be done in it: whoever does its work looks now. */
  wake(name: string): Promise<void>
  /** Makes one, with an empty database and lake. Throws `cell-exists`, `cell-unusable` among others. */
  create(cell: {
    readonly name: string
    /** Of its database; null: a folder of the home. */
    readonly databaseUrl: string | null
    /** Null: a folder of the home. */
    readonly lake: string | null
  }): Promise<void>
}

export interface HeldParts {
  /** Of the cell. */
  readonly name: string
  readonly parts: Parts
  /** Safe to call again. */
  release(): void
}
