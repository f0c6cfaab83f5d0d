import { readdir, rm, stat, unlink } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'

import type { Clock } from '#kernel/clock.ts'
import { isLakePath } from '#lake/file-path.ts'
import type { LakeUsage, Swept } from '#lake/lake.ts'
import { systemCode } from '#lake/lake-error.ts'

interface FoundFile {
  readonly path: string
  readonly sizeBytes: number
  /** Last change of bytes or of name, in milliseconds since the epoch: a move counts as a touch. */
  readonly touchedMs: number
}

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
      for (const entry of await entriesOf(stagingRoot)) {
        if (atWork.has(entry.name)) continue
        const folder = join(stagingRoot, entry.name)
        const held = await Array.fromAsync(filesBelow(folder))
        const own = await stat(folder).catch(unlessMissing)
        const touchedMs = Math.max(own?.ctimeMs ?? 0, ...held.map((file) => file.touchedMs))
        if (touchedMs > before) continue
        await rm(folder, { recursive: true, force: true })
        files += held.length
        bytes += held.reduce((sum, file) => sum + file.sizeBytes, 0)
      }
      return { files, bytes }
    },

    async measure() {
      let files = 0
      let bytes = 0
      let stagingBytes = 0
      for await (const file of lakeFiles()) {
        files++
        bytes += file.sizeBytes
      }
      for await (const file of filesBelow(stagingRoot)) stagingBytes += file.sizeBytes
      return { files, bytes, stagingBytes }
    },
  }
}

/** What comes and goes meanwhile is left out; links are not followed. */
async function* filesBelow(folder: string): AsyncGenerator<FoundFile> {
  for (const entry of await entriesOf(folder)) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* filesBelow(path)
    else if (entry.isFile()) {
      const found = await stat(path).catch(unlessMissing)
      if (found) {
        yield { path, sizeBytes: found.size, touchedMs: Math.max(found.mtimeMs, found.ctimeMs) }
      }
    }
  }
}

async function entriesOf(folder: string) {
  return (await readdir(folder, { withFileTypes: true }).catch(unlessMissing)) ?? []
}

function unlessMissing(error: unknown): null {
  if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return null
  throw error
}
