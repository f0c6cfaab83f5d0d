import { link, mkdir, open, rename, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'

import { systemCode } from '#lake/lake-error.ts'

/** Bytes, or the entries of a folder, are on the disk when this returns. */
export async function fsync(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Makes a folder and those above it; each new name is on the disk when this returns. */
export async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 })
  if (first === undefined) return
  for (let made = folder; made.length >= first.length; made = dirname(made)) {
    await fsync(dirname(made))
  }
}

/**
 * Moves a file to a name that must be free; false, and nothing is changed, when it is taken, where
 * a rename would silently replace. Disks that know no second name for a file (exFAT, some network
 * shares) get the rename.
 */
export async function moveToFreeName(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    await unlink(from)
  } catch (error) {
    const code = systemCode(error) ?? ''
    if (code === 'EEXIST') return false
    if (!['EPERM', 'ENOTSUP', 'ENOSYS'].includes(code)) throw error
    await rename(from, to)
  }
  await fsync(dirname(to))
  return true
}
