import { join } from 'node:path'

import { openPlace, type Place, type PlaceStores } from '#app/open-place.ts'
import type { PlaceTools } from '#app/place-tools.ts'
import { cellMark, cellPlace, markCatalog } from '#catalog/cells.ts'
import { addDeployment, currentDeployment, type Deployment } from '#catalog/deployments.ts'
import type { CatalogPlace } from '#catalog/open.ts'
import { requeueAbandoned } from '#catalog/queue.ts'
import { MillraceError } from '#kernel/errors.ts'
import { secretPlace } from '#secrets/secret-place.ts'

/** The place of this process, which knows the tenants and their cells. */
export type Directory = Pick<Place, 'catalog' | 'lake' | 'deployed'>

/** Where the address of a cell's database lies, sealed. */
export function cellAddressPlace(name: string) {
  return secretPlace(null, 'cell.address', name)
}

/** Throws `cell-unknown`, `cell-unusable`, and whatever the opening of a catalog and a lake throws. */
export async function openCell(
  tools: PlaceTools,
  directory: Directory,
  name: string,
): Promise<Place> {
  const found = await directory.catalog.asSystem((session) => cellPlace(session, name))
  if (!found) throw new MillraceError('cell-unknown', { cell: name })
  const { config, secrets } = tools
  const folder = cellFolder(tools, name)
  const address =
    found.address === null ? null : secrets.open(found.address, cellAddressPlace(name))
  return openPlace(
    { ...tools, log: tools.log.with({ cell: name }) },
    {
      catalog: catalogPlace(tools, name, address),
      lake: found.lake ?? join(folder, 'lake'),
      lakeCache: join(config.lakeCache ?? join(config.home, 'lake-cache'), 'cells', name),
      prepare: (stores) => checkMark(stores, directory, name, address === null),
      bringCode: bringCode(tools, directory),
    },
  )
}

export function cellFolder({ config }: Pick<PlaceTools, 'config'>, name: string): string {
  return join(config.home, 'cells', name)
}

/** Fewer connections than the directory has: there may be many cells. */
const CONNECTIONS = 4

export function catalogPlace(
  tools: PlaceTools,
  name: string,
  address: string | null,
): CatalogPlace {
  if (address !== null) return { url: address, connections: CONNECTIONS }
  const folder = join(cellFolder(tools, name), 'catalog')
  return { folder, cacheFolder: tools.config.cacheFolder }
}

/** The number by which cells know their directory; made when the first cell is. */
export async function directoryId({ catalog }: Directory): Promise<string> {
  const mark = await catalog.asSystem((session) => markCatalog(session, null))
  if (mark && mark.cell === null) return mark.directory
  throw new MillraceError('internal', { message: 'a cell was taken for a directory' })
}

async function checkMark(
  { catalog }: PlaceStores,
  directory: Directory,
  name: string,
  isEmbedded: boolean,
): Promise<void> {
  const mark = await catalog.asSystem(cellMark)
  if (mark?.cell !== name || mark.directory !== (await directoryId(directory))) {
    throw takenDatabase(name, mark ? 'another cell or a directory' : 'not marked as a cell')
  }
  // Nobody else can be at work in a folder of this home.
  if (isEmbedded) await catalog.asSystem((session) => requeueAbandoned(session))
}

export function takenDatabase(cell: string, what: string): MillraceError {
  return new MillraceError('cell-unusable', { cell, problem: `its database is ${what}` })
}

/**
 * A cell runs what the directory has deployed. The bundle lies in the cell's own lake, under a
 * deployment of the cell's own, so that its runs need the directory for nothing.
 */
export function bringCode({ log }: PlaceTools, directory: Directory) {
  let brought = ''

  async function bring({ catalog, lake }: PlaceStores, wanted: Deployment): Promise<void> {
    const { codeHash, packs, message, deployedBy } = wanted
    await lake.writeCode(codeHash, await directory.lake.readCode(codeHash))
    await catalog.asSystem((session) =>
      addDeployment(session, { codeHash, packs, message, deployedBy }),
    )
  }

  return async (stores: PlaceStores): Promise<void> => {
    if (directory.deployed.current().code.hash === brought) return
    const wanted = await directory.catalog.asSystem(currentDeployment)
    if (!wanted) return
    const own = await stores.catalog.asSystem(currentDeployment)
    if (own?.codeHash !== wanted.codeHash) {
      try {
        await bring(stores, wanted)
      } catch (error) {
        if (!own) throw error
        return log.warn('bringing a deployment into a cell', { error })
      }
    }
    brought = wanted.codeHash
  }
}
