import { mkdtemp, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

import type { Clock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'
import { systemCode } from '#kernel/system-code.ts'
import { checkCode, codeFile, codePath } from '#lake/code-path.ts'
import { fsync, makeFolder, moveToFreeName } from '#lake/durable.ts'
import { assertLakePath, tenantFolder } from '#lake/file-path.ts'
import { filesBelow, removeFile } from '#lake/folder-files.ts'
import type { Lake, LakeFile, Swept } from '#lake/lake.ts'
import { onDisk } from '#lake/lake-error.ts'
import { isStaged, openStaging } from '#lake/staging.ts'
import { createSweeper } from '#lake/sweep.ts'
import { createVerifiedFiles } from '#lake/verified-files.ts'

/** Inside of the lake, so that moving a staged file to its final name never crosses a disk. */
const STAGING = '.staging'

/** A lake in a local folder, which is made where there is none. Throws `lake-full`, `lake-denied`. */
export async function openDiskLake(options: { folder: string; clock: Clock }): Promise<Lake> {
  const root = resolve(options.folder)
  const staging = await openStaging(join(root, STAGING))
  const verified = createVerifiedFiles()
  const sweeper = createSweeper({ root, stagingRoot: staging.root, clock: options.clock })

  function absolute(path: string): string {
    assertLakePath(path)
    return join(root, path)
  }

  async function localPath(file: LakeFile, signal?: AbortSignal): Promise<string> {
    const path = absolute(file.path)
    await verified.verify(file, path, { signal })
    return path
  }

  return {
    staging: (attempt) => staging.make(attempt),
    takeOverStaging: (attempt, beginning) => staging.takeOver(attempt, beginning),
    discardStaging: (attempt) => staging.discard(attempt),

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

    localPath,
    // The files themselves are what is handed out: only `remove` ends them.
    hold: () => ({ localPath, release: () => Promise.resolve() }),

    async remove(paths) {
      let swept: Swept = { files: 0, bytes: 0 }
      for (const path of paths) {
        const size = await onDisk(absolute(path), () => removeFile(absolute(path)))
        verified.forget(absolute(path))
        if (size !== null) swept = { files: swept.files + 1, bytes: swept.bytes + size }
      }
      return swept
    },

    async tenantUsage(slug) {
      const folder = join(root, tenantFolder(slug))
      return onDisk(folder, async () => {
        const found = await Array.fromAsync(filesBelow(folder))
        return { files: found.length, bytes: found.reduce((sum, file) => sum + file.sizeBytes, 0) }
      })
    },

    async removeTenant(slug) {
      const folder = join(root, tenantFolder(slug))
      await onDisk(folder, async () => {
        for await (const { path } of filesBelow(folder)) verified.forget(path)
        await rm(folder, { recursive: true, force: true })
      })
    },

    sweepOrphans: (knownPaths, olderThanMs) =>
      onDisk(root, () => sweeper.sweep({ knownPaths, atWork: staging.atWork, olderThanMs })),

    usage: () =>
      onDisk(root, async () => {
        const { bavail, bsize } = await statfs(root)
        return { ...(await sweeper.measure()), freeBytes: bavail * bsize }
      }),

    probe: () => staging.probe(),

    async writeCode(hash, bytes) {
      const file = codeFile(hash, bytes)
      const path = join(root, file.path)
      await onDisk(path, async () => {
        const known = await readCodeFile(path)
        if (known !== null && Buffer.compare(known, bytes) === 0) return
        await makeFolder(dirname(path))
        // Another process may write the same code meanwhile.
        const folder = await mkdtemp(join(staging.root, '.code-'))
        try {
          const own = join(folder, hash)
          await writeFile(own, bytes, { mode: 0o600 })
          await fsync(own)
          await rename(own, path)
          await fsync(dirname(path))
        } finally {
          await rm(folder, { recursive: true, force: true })
        }
      })
    },

    async readCode(hash) {
      const path = join(root, codePath(hash))
      const bytes = await onDisk(path, () => readCodeFile(path))
      if (bytes === null) throw new MillraceError('file-missing', { path: codePath(hash) })
      return checkCode(hash, bytes)
    },

    close: () => Promise.resolve(),
  }
}

async function readCodeFile(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null
    throw error
  }
}
