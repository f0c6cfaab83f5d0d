import type { Clock } from '#kernel/clock.ts'
import { filesBelow, removeFile, type FoundFile } from '#lake/folder-files.ts'

/** Evicting goes down to this share of the cap, so that it does not happen for every new file. */
const FILLED = 0.9
/** Other processes fill the same folder: after this share of the cap it is looked at again. */
const LOOK_AGAIN = 0.05
/** A folder whose files are all in use is not looked at for every new one. */
const REST_MS = 5_000

export interface CacheSpace {
  /** Bytes have come; evicts what was not used for longest when the cap is passed. */
  add(bytes: number): Promise<void>
}

/**
 * Keeps a folder that several processes fill under a cap: what is there is found by listing, when it
 * was used by its time of last access. Each process may pass the cap by a twentieth before it sees
 * the others' files.
 */
export function createCacheSpace(about: {
  readonly folder: string
  readonly maxBytes: number
  readonly clock: Clock
  readonly isKept: (path: string) => boolean
  readonly onEvicted: (path: string) => void
}): CacheSpace {
  const { folder, maxBytes, clock } = about
  let unseenBytes = 0
  /** Null: never looked. */
  let totalBytes: number | null = null
  let looking: Promise<void> | null = null
  let restUntilMs = 0

  async function look(): Promise<void> {
    unseenBytes = 0
    const files = await Array.fromAsync(filesBelow(folder))
    let bytes = sizeOf(files)
    if (bytes > maxBytes) {
      for (const file of files.toSorted((a, b) => a.readMs - b.readMs)) {
        if (bytes <= maxBytes * FILLED) break
        if (about.isKept(file.path)) continue
        await removeFile(file.path)
        about.onEvicted(file.path)
        bytes -= file.sizeBytes
      }
      if (bytes > maxBytes) restUntilMs = clock.monotonicMs() + REST_MS
    }
    totalBytes = bytes
  }

  return {
    async add(bytes) {
      unseenBytes += bytes
      if (totalBytes !== null) totalBytes += bytes
      const isFull = totalBytes === null || totalBytes > maxBytes
      if (!isFull && unseenBytes <= maxBytes * LOOK_AGAIN) return
      if (clock.monotonicMs() < restUntilMs) return
      looking ??= look().finally(() => (looking = null))
      await looking
    },
  }
}

function sizeOf(files: readonly FoundFile[]): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
}
