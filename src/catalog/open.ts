import type { Catalog } from '#catalog/catalog.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Logger } from '#kernel/logger.ts'
import type { Random } from '#kernel/random.ts'

export type { Catalog }

/** A PostgreSQL database by its address, or PGlite in a folder (null: in memory, for tests). */
export type CatalogPlace = { readonly url: string } | { readonly folder: string | null }

export interface CatalogParts {
  readonly log: Logger
  readonly clock: Clock
  readonly random: Random
}

/** Opens the catalog, makes its roles where they are missing and brings its schema up to date. */
export async function openCatalog(_place: CatalogPlace, _parts: CatalogParts): Promise<Catalog> {
  throw new Error('to be written')
}
