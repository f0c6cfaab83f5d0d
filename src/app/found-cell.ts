import { join, resolve } from 'node:path'

import { lakePlace } from '#app/lake-settings.ts'
import {
  bringCode,
  catalogPlace,
  cellAddressPlace,
  cellFolder,
  directoryId,
  takenDatabase,
  type Directory,
} from '#app/open-cell.ts'
import { openPlace } from '#app/open-place.ts'
import type { PlaceTools } from '#app/place-tools.ts'
import { createCell, listCells, markCatalog } from '#catalog/cells.ts'
import { MillraceError } from '#kernel/errors.ts'
import { parseLakePlace } from '#lake/lake-place.ts'

export interface NewCellPlace {
  readonly name: string
  /** Address of its database; null: a folder of the home. */
  readonly databaseUrl: string | null
  /** A folder or `s3://…`; null: a folder of the home. */
  readonly lake: string | null
}

/**
 * Makes a cell: opens its catalog and lake for the first time, writes into the catalog whose it is, so
 * that nobody takes it for something else, and notes it in the directory. Done again after a failure
 * it goes on. Throws `cell-exists`, `cell-unusable`, and what the opening of either throws.
 */
export async function foundCell(
  tools: PlaceTools,
  directory: Directory,
  { name, databaseUrl, lake: givenLake }: NewCellPlace,
): Promise<void> {
  const { secrets, log } = tools
  const lake = givenLake === null ? null : wholePlace(givenLake)
  await refuseUnusable(tools, directory, { name, databaseUrl, lake })
  // Before anything is made: without a key there is nowhere to keep the address.
  const address = databaseUrl === null ? null : secrets.seal(databaseUrl, cellAddressPlace(name))
  const place = await openPlace(
    { ...tools, log: log.with({ cell: name }) },
    {
      catalog: catalogPlace(tools, name, databaseUrl),
      lake: lake ?? join(cellFolder(tools, name), 'lake'),
      lakeCache: join(tools.config.home, 'lake-cache', 'cells', name),
      async prepare(stores) {
        const mark = { directory: await directoryId(directory), cell: name }
        const found = await stores.catalog.asSystem((session) => markCatalog(session, mark))
        if (found?.cell !== mark.cell || found.directory !== mark.directory) {
          throw takenDatabase(name, found ? 'another cell or a directory' : 'not empty')
        }
        await stores.lake.probe()
      },
      bringCode: bringCode(tools, directory),
    },
  )
  await place.close(0)
  const shown = databaseUrl === null ? cellFolder(tools, name) : withoutSecrets(databaseUrl)
  const made = await directory.catalog.asSystem((session) =>
    createCell(session, { name, address, place: shown, lake }),
  )
  if (!made) throw new MillraceError('cell-exists', { cell: name })
}

/** A folder by its whole path, so that it is the same one for every process. */
function wholePlace(lake: string): string {
  const place = parseLakePlace(lake)
  return place.kind === 'disk' ? resolve(place.folder) : lake
}

async function refuseUnusable(
  { config }: PlaceTools,
  { catalog }: Directory,
  { name, databaseUrl, lake }: NewCellPlace,
): Promise<void> {
  const refuse = (problem: string) => new MillraceError('cell-unusable', { cell: name, problem })
  if (config.databaseUrl !== null && (databaseUrl === null || lake === null)) {
    throw refuse('several processes share this deployment, so it needs a database and a lake')
  }
  if (lake !== null && overlap(lake, lakePlace(config))) {
    throw refuse('its lake would lie in that of the directory, or the other way round')
  }
  for (let after = ''; ;) {
    const page = await catalog.asSystem((session) => listCells(session, { after, limit: PAGE }))
    for (const other of page) {
      if (other.name === name) throw new MillraceError('cell-exists', { cell: name })
      if (lake !== null && other.lake !== null && overlap(lake, other.lake)) {
        throw refuse(`its lake would lie in that of cell "${other.name}", or the other way round`)
      }
    }
    after = page.at(-1)?.name ?? ''
    if (page.length < PAGE) return
  }
}

const PAGE = 1_000

/** Each sweeps what it does not know out of its own place, so none may lie in another. */
function overlap(one: string, other: string): boolean {
  const [a, b] = [rootOf(one), rootOf(other)]
  return a.startsWith(b) || b.startsWith(a)
}

function rootOf(lake: string): string {
  const place = parseLakePlace(lake)
  return place.kind === 's3'
    ? `s3://${place.bucket}/${place.prefix}`
    : `${resolve(place.folder).replace(/\/+$/, '')}/`
}

function withoutSecrets(address: string): string {
  const url = new URL(address)
  url.password = ''
  url.search = ''
  return url.href
}
