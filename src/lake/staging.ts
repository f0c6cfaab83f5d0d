import { rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { MillraceError } from '#kernel/errors.ts'
import { systemCode } from '#kernel/system-code.ts'
import { createAtWork } from '#lake/at-work.ts'
import { fsync, makeFolder } from '#lake/durable.ts'
import { entriesOf, unlessMissing } from '#lake/folder-files.ts'
import { onDisk } from '#lake/lake-error.ts'
import type { StagedFile } from '#model/outcome.ts'

/** Folders of attempts, each private to one of them. */
export interface Staging {
  readonly root: string
  /** Attempts of this process that have a folder. */
  readonly atWork: ReadonlySet<string>
  make(attempt: string): Promise<string>
  /** Makes the newest folder whose name begins so the attempt's own; null: there is none. */
  takeOver(attempt: string, beginning: string): Promise<string | null>
  discard(attempt: string): Promise<void>
  /** Writes and removes a small file. */
  probe(): Promise<void>
}

export async function openStaging(root: string): Promise<Staging> {
  const atWork = createAtWork(root)
  await onDisk(root, () => makeFolder(root))

  function folderOf(attempt: string): string {
    if (/^[A-Za-z0-9_-]+$/.test(attempt)) return join(root, attempt)
    throw new MillraceError('internal', { message: `"${attempt}" is no name of an attempt` })
  }

  return {
    root,
    atWork: atWork.names,
    async make(attempt) {
      const folder = folderOf(attempt)
      atWork.begin(attempt)
      return onDisk(folder, async () => {
        await rm(folder, { recursive: true, force: true })
        await makeFolder(folder)
        return folder
      })
    },
    async takeOver(attempt, beginning) {
      const folder = folderOf(attempt)
      return onDisk(folder, async () => {
        const names = (await entriesOf(root))
          .filter((entry) => entry.isDirectory() && entry.name.startsWith(beginning))
          .map(({ name }) => name)
          .filter((name) => name !== attempt)
        // They end in numbers: the longer one is the larger.
        const newest = names.toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1)).at(-1)
        if (newest === undefined) return null
        await rm(folder, { recursive: true, force: true })
        atWork.begin(attempt)
        try {
          await rename(join(root, newest), folder)
          return folder
        } catch (error) {
          // Swept, or taken over, meanwhile.
          atWork.end(attempt)
          return unlessMissing(error)
        }
      })
    },
    async discard(attempt) {
      const folder = folderOf(attempt)
      await onDisk(folder, () => rm(folder, { recursive: true, force: true }))
      atWork.end(attempt)
    },
    async probe() {
      const path = join(root, `.probe-${process.pid}`)
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
export async function isStaged(staged: StagedFile): Promise<boolean> {
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
