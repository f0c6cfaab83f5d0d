import { rm, stat, statfs, unlink, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

import type { Clock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'
import { fsync, makeFolder, moveToFreeName } from '#lake/durable.ts'
import { assertLakePath } from '#lake/file-path.ts'
import type { Lake, LakeFile, Swept } from '#lake/lake.ts'
import { onDisk, systemCode } from '#lake/lake-error.ts'
import { createSweeper } from '#lake/sweep.ts'
import { createVerifiedFiles } from '#lake/verified-files.ts'
import type { StagedFile } from '#model/outcome.ts'

/** Inside of the lake, so that moving a staged file to its final name never crosses a disk. */
const STAGING = '.staging'

/** A lake in a local folder, which is made where there is none. Throws `lake-full`, `lake-denied`. */
export async function openDiskLake(options: { folder: string; clock: Clock }): Promise<Lake> {
  const root = resolve(options.folder)
  const stagingRoot = join(root, STAGING)
  const verified = createVerifiedFiles()
  const atWork = new Set<string>()
  const sweeper = createSweeper({ root, stagingRoot, clock: options.clock })
  await onDisk(stagingRoot, () => makeFolder(stagingRoot))

  function absolute(path: string): string {
    assertLakePath(path)
    return join(root, path)
  }

  function stagingPath(attempt: string): string {
    if (/^[A-Za-z0-9_-]+$/.test(attempt)) return join(stagingRoot, attempt)
    throw new MillraceError('internal', { message: `"${attempt}" is no name of an attempt` })
  }

  return {
    async staging(attempt) {
      const folder = stagingPath(attempt)
      atWork.add(attempt)
      return onDisk(folder, async () => {
        await rm(folder, { recursive: true, force: true })
        await makeFolder(folder)
        return folder
      })
    },

    async discardStaging(attempt) {
      const folder = stagingPath(attempt)
      await onDisk(folder, () => rm(folder, { recursive: true, force: true }))
      atWork.delete(attempt)
    },

    async adopt(staged, toPath) {
      const path = absolute(toPath)
      const file: LakeFile = { path: toPath, sizeBytes: staged.sizeBytes, sha256: staged.sha256 }
      await onDisk(path, async () => {
        if (await isStaged(staged)) {
          await fsync(staged.path)
          await makeFolder(dirname(path))
          if (await moveToFreeName(staged.path, path)) return verified.trust(file, path)
        }
        // Adopted before, and the caller comes again: it must be the very same file.
        await verified.verify(file, path)
      })
      return file
    },

    verify: (file, verifyOptions) => verified.verify(file, absolute(file.path), verifyOptions),

    async localPath(file, signal) {
      const path = absolute(file.path)
      await verified.verify(file, path, { signal })
      return path
    },

    async remove(paths) {
      let swept: Swept = { files: 0, bytes: 0 }
      for (const path of paths) {
        const size = await onDisk(absolute(path), () => removeFile(absolute(path)))
        verified.forget(absolute(path))
        if (size !== null) swept = { files: swept.files + 1, bytes: swept.bytes + size }
      }
      return swept
    },

    sweepOrphans: (knownPaths, olderThanMs) =>
      onDisk(root, () => sweeper.sweep({ knownPaths, atWork, olderThanMs })),

    usage: () =>
      onDisk(root, async () => {
        const { bavail, bsize } = await statfs(root)
        return { ...(await sweeper.measure()), freeBytes: bavail * bsize }
      }),

    async probe() {
      const path = join(stagingRoot, `.probe-${process.pid}`)
      await onDisk(path, async () => {
        try {
          await writeFile(path, 'probe')
          await fsync(path)
        } finally {
          await rm(path, { force: true })
        }
      })
    },
  }
}

/** False: the staged file is not there any more. Throws `file-damaged` for another size. */
async function isStaged(staged: StagedFile): Promise<boolean> {
  try {
    const { size } = await stat(staged.path)
    if (size === staged.sizeBytes) return true
    throw new MillraceError('file-damaged', {
      path: staged.path,
      expected: `${staged.sizeBytes} bytes`,
      found: `${size} bytes`,
    })
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false
    throw error
  }
}

/** The size of what was removed; null where there was nothing. */
async function removeFile(path: string): Promise<number | null> {
  try {
    const { size } = await stat(path)
    await unlink(path)
    return size
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return null
    throw error
  }
}
