import { createHash } from 'node:crypto'
import { open, stat, type FileHandle } from 'node:fs/promises'

import type { Clock } from '#kernel/clock.ts'
import { systemCode } from '#kernel/system-code.ts'

/** A file that is hashed, and brought to the disk, while another process is still appending to it. */
export interface FollowedFile {
  /**
   * SHA-256 of the whole, in lower-case hexadecimal, once nobody writes any more; null: it did not
   * merely grow (or could not be read), and has to be read anew.
   */
  finish(): Promise<string | null>
  /** Lets go of it; safe to call again, and behind `finish`. */
  stop(): Promise<void>
}

const LOOK_EVERY_MS = 20
const CHUNK_BYTES = 1 << 20
/** What is not on the disk yet and is still waited for at the end stays about as small as this. */
const SYNC_BYTES = 8 << 20

/** `path` need not be there yet. */
export function followFile(path: string, clock: Clock): FollowedFile {
  const digest = createHash('sha256')
  const ending = new AbortController()
  const buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES)
  let handle: FileHandle | null = null
  let readBytes = 0
  let syncedBytes = 0
  let syncing: Promise<void> | null = null

  /** To what is its end now. */
  async function readOn(): Promise<void> {
    handle ??= await openUnlessMissing(path)
    while (handle) {
      const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES, readBytes)
      if (bytesRead === 0) return
      digest.update(buffer.subarray(0, bytesRead))
      readBytes += bytesRead
      if (readBytes - syncedBytes >= SYNC_BYTES) syncOn(handle)
    }
  }

  /** Side by side with reading; whether it went well is seen at the end, where all of it is synced. */
  function syncOn(file: FileHandle): void {
    if (syncing) return
    syncedBytes = readBytes
    syncing = file
      .datasync()
      .catch(() => {})
      .finally(() => (syncing = null))
  }

  async function follow(): Promise<boolean> {
    try {
      while (!ending.signal.aborted) {
        await readOn()
        await clock.sleep(LOOK_EVERY_MS, ending.signal).catch(() => {})
      }
      return true
    } catch {
      return false
    }
  }

  const following = follow()

  async function stop(): Promise<void> {
    ending.abort()
    await following
    await syncing
    const open = handle
    handle = null
    await open?.close()
  }

  return {
    stop,
    async finish() {
      ending.abort()
      try {
        if (!(await following)) return null
        await readOn()
        const [seen, lying] = await Promise.all([handle?.stat(), stat(path)])
        const isSame = seen?.ino === lying.ino && seen.dev === lying.dev
        return isSame && lying.size === readBytes ? digest.digest('hex') : null
      } catch {
        return null
      } finally {
        await stop()
      }
    },
  }
}

async function openUnlessMissing(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null
    throw error
  }
}
