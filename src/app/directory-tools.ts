import type { Catalog } from '#catalog/catalog.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Endpoints } from '#serving/endpoints.ts'

/** What work in every place needs of the directory: people, keys, endpoints, and its address. */
export interface DirectoryTools {
  catalog(): Catalog
  endpoints(): Endpoints
  /** Where people reach the pages of this deployment; may have a path. */
  publicUrl(): string
}

interface Opened {
  readonly catalog: Catalog
  readonly endpoints: Endpoints
}

/** Places are opened before the directory is known as such; nothing works before it is. */
export function lateDirectory(
  publicUrl: () => string,
): DirectoryTools & { know(parts: Opened): void } {
  let known: Opened | null = null
  const now = (): Opened => {
    if (known) return known
    throw new MillraceError('internal', { message: 'the directory is asked before it is open' })
  }
  return {
    catalog: () => now().catalog,
    endpoints: () => now().endpoints,
    publicUrl,
    know: (parts) => {
      known = parts
    },
  }
}
