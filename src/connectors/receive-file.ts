import { rename, rm } from 'node:fs/promises'

import { diskError } from '#connectors/disk-error.ts'

/**
 * Lets `write` make a file under another name and gives it its own name only when that returns: a
 * reader, or the next start after a kill, never takes half an object for a whole one. Nothing is
 * left after an error.
 */
export async function receiveFile(
  toPath: string,
  write: (path: string) => Promise<void>,
): Promise<void> {
  const path = `${toPath}.partial`
  try {
    await rm(path, { force: true })
    await write(path)
    await rename(path, toPath)
  } catch (error) {
    await rm(path, { force: true })
    throw diskError(error, toPath)
  }
}
