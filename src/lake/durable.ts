import { link, mkdir, open, rename, stat, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'

import { systemCode } from '#kernel/system-code.ts'

/** Bytes, or the entries of a folder, are on the disk when this returns. */
export async function fsync(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * Makes a folder and those above it; each new name is on the disk when this returns. (Node's own
 * recursive mkdir says ENOENT where the disk is read-only.)
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, 0o700)
  } catch (error) {
    const code = systemCode(error)
    if (code === 'EEXIST' && (await stat(folder)).isDirectory()) return
    if (code !== 'ENOENT' || dirname(folder) === folder) throw error
    await makeFolder(dirname(folder))
    return makeFolder(folder)
  }
  await fsync(dirname(folder))
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
