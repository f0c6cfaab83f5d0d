import type { Catalog } from '#catalog/catalog.ts'
import { listCells } from '#catalog/cells.ts'
import { toMillraceError } from '#kernel/errors.ts'
import type { Parts } from '#operations/parts.ts'

const PAGE = 100

/**
 * Does the same with the directory and then with the catalog of each cell, one after the other.
 * Returns the names of cells that could not be reached; what was done with the others stays done.
 */
export async function eachCatalog(
  { directory, cells, log }: Pick<Parts, 'directory' | 'cells' | 'log'>,
  work: (catalog: Catalog) => Promise<void>,
  signal: AbortSignal,
): Promise<string[]> {
  await work(directory)
  const unreachable: string[] = []
  for (let after: string | undefined; ;) {
    const from = after === undefined ? {} : { after }
    const page = await directory.asSystem((s) => listCells(s, { ...from, limit: PAGE }))
    for (const { name } of page) {
      signal.throwIfAborted()
      try {
        const { parts, release } = await cells.hold(name)
        await work(parts.catalog).finally(release)
      } catch (thrown) {
        signal.throwIfAborted()
        const { code, message } = toMillraceError(thrown)
        log.warn('the secrets of a cell cannot be reached', { cell: name, code, message })
        unreachable.push(name)
      }
    }
    after = page.at(-1)?.name
    if (page.length < PAGE) return unreachable
  }
}
