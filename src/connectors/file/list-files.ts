import { readdir } from 'node:fs/promises'
import type { Dirent } from 'node:fs'

import type { ListOptions, ObjectInfo } from '#connectors/connector.ts'
import { fileError } from '#connectors/file/file-error.ts'
import { statFile } from '#connectors/file/snapshot.ts'
import type { Clock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'

/**
 * Regular files (also behind links) whose path begins with the prefix, which may end inside of a
 * name. Linked folders are not entered: they may lead in a circle.
 */
export async function* listFiles(
  prefix: string,
  clock: Clock,
  { signal, levels = Infinity }: ListOptions = {},
): AsyncGenerator<ObjectInfo> {
  const split = prefix.lastIndexOf('/') + 1
  yield* walk(prefix.slice(0, split), prefix.slice(split), levels)

  async function* walk(
    folder: string,
    beginning: string,
    levelsLeft: number,
  ): AsyncGenerator<ObjectInfo> {
    for (const entry of await entriesOf(folder)) {
      signal?.throwIfAborted()
      const path = folder + entry.name
      if (!entry.name.startsWith(beginning)) continue
      if (entry.isDirectory()) {
        if (levelsLeft > 0) yield* walk(`${path}/`, '', levelsLeft - 1)
      } else if (entry.isFile() || entry.isSymbolicLink()) {
        const info = await statFile(path, clock).catch(orSkipped)
        if (info) yield info
      }
    }
  }
}

/** In the byte order of the paths below: a folder sorts as if its name ended in `/`. */
async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    const key = (entry: Dirent) => Buffer.from(entry.isDirectory() ? `${entry.name}/` : entry.name)
    return entries
      .map((entry) => ({ entry, key: key(entry) }))
      .toSorted((a, b) => Buffer.compare(a.key, b.key))
      .map(({ entry }) => entry)
  } catch (error) {
    const known = fileError(error, folder)
    if (known instanceof MillraceError && known.code === 'object-missing') return []
    throw known
  }
}

/** A link to nowhere or to a folder, or a file that went away meanwhile, is no object. */
function orSkipped(error: unknown): null {
  if (
    error instanceof MillraceError &&
    ['object-missing', 'location-invalid'].includes(error.code)
  ) {
    return null
  }
  throw error
}
