import { unlink } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'

import type { Clock } from '#kernel/clock.ts'
import { isLakePath } from '#lake/file-path.ts'
import {
  bytesBelow,
  entriesOf,
  filesBelow,
  sweepEntries,
  unlessMissing,
  type FoundFile,
} from '#lake/folder-files.ts'
import type { LakeUsage, Swept } from '#lake/lake.ts'

export interface Sweeper {
  sweep(about: {
    readonly knownPaths: ReadonlySet<string>
    readonly atWork: ReadonlySet<string>
    readonly olderThanMs: number
  }): Promise<Swept>
  measure(): Promise<Omit<LakeUsage, 'freeBytes'>>
}

/**
 * Removes only what carries a name that the lake itself gives: whatever else somebody put into the
 * folder stays.
 */
export function createSweeper(place: {
  readonly root: string
  readonly stagingRoot: string
  readonly clock: Clock
}): Sweeper {
  const { root, stagingRoot, clock } = place
  const lakePath = (path: string) => relative(root, path).split(sep).join('/')

  async function* lakeFiles(): AsyncGenerator<FoundFile> {
    for (const entry of await entriesOf(root)) {
      if (!entry.isDirectory() || entry.name.startsWith('.')) continue
      for await (const file of filesBelow(join(root, entry.name))) {
        if (isLakePath(lakePath(file.path))) yield file
      }
    }
  }

  return {
    async sweep({ knownPaths, atWork, olderThanMs }) {
      const before = clock.now().getTime() - olderThanMs
      let files = 0
      let bytes = 0
      for await (const file of lakeFiles()) {
        if (file.touchedMs > before || knownPaths.has(lakePath(file.path))) continue
        await unlink(file.path).catch(unlessMissing)
        files++
        bytes += file.sizeBytes
      }
      const staged = await sweepEntries(stagingRoot, atWork, before)
      return { files: files + staged.files, bytes: bytes + staged.bytes }
    },

    async measure() {
      let files = 0
      let bytes = 0
      for await (const file of lakeFiles()) {
        files++
        bytes += file.sizeBytes
      }
      return { files, bytes, stagingBytes: await bytesBelow(stagingRoot) }
    },
  }
}
