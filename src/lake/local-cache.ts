import { copyFile, link, rename, rm, stat, unlink, utimes } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

import type { Clock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Ids } from '#kernel/ids.ts'
import type { Logger } from '#kernel/logger.ts'
import { systemCode } from '#kernel/system-code.ts'
import { createAtWork } from '#lake/at-work.ts'
import { createCacheSpace } from '#lake/cache-space.ts'
import { makeFolder } from '#lake/durable.ts'
import { filesBelow, sweepEntries } from '#lake/folder-files.ts'
import type { LakeFile, LakeHold, Swept } from '#lake/lake.ts'
import { onDisk } from '#lake/lake-error.ts'
import { createSharedWork } from '#lake/shared-work.ts'
import { createVerifiedFiles } from '#lake/verified-files.ts'

/** A name that was handed out without a hold is kept for so long. */
const KEEP_MS = 600_000
/** What has just arrived is kept until whoever asked for it has taken it. */
const ARRIVED_MS = 5_000
/** Times of use are that exact, for each costs a write. */
const TOUCH_AFTER_MS = 30_000
/** Another process may evict between finding a copy and linking it. */
const HOLD_TRIES = 5

export interface LocalCache {
  localPath(file: LakeFile, signal?: AbortSignal): Promise<string>
  hold(): LakeHold
  /** Takes over a local file whose bytes the caller hashed itself just now. */
  take(file: LakeFile, fromPath: string): Promise<void>
  drop(path: string): Promise<void>
  /** All copies whose path begins with a folder. */
  dropBelow(folder: string): Promise<void>
  /** Lends a new name for a download that is not kept. */
  passing(write: (path: string) => Promise<void>): Promise<void>
  /** What processes that died left behind. */
  sweep(beforeMs: number): Promise<Swept>
}

export interface LocalCacheOptions {
  /** Shared by processes of one machine, also by those with another lake. */
  readonly folder: string
  /** Tells lakes apart: plain letters and digits. */
  readonly lakeName: string
  readonly maxBytes: number
  /** Writes exactly the file's bytes to a new path, or throws. */
  readonly fetch: (file: LakeFile, path: string, signal: AbortSignal) => Promise<void>
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Logger
}

/**
 * Verified copies of a remote lake's files, in three folders of one disk:
 *
 *   cache/<lake>/<path>   whole copies only: they get this name when their hash is right
 *   incoming/<id>         being downloaded
 *   held/<id>/<n>         second names (hard links) of copies that work is reading
 *
 * A copy that is evicted, by this process or another one, loses its name in `cache`; its bytes stay
 * for as long as a hold has a name for them. A copy that was damaged on the disk is found as every
 * published file's damage is (see verified-files.ts), and fetched again.
 */
export async function openLocalCache(options: LocalCacheOptions): Promise<LocalCache> {
  const { folder, clock, ids, log } = options
  const cacheRoot = join(folder, 'cache')
  const incomingRoot = join(folder, 'incoming')
  const heldRoot = join(folder, 'held')
  for (const root of [cacheRoot, incomingRoot, heldRoot]) await onDisk(root, () => makeFolder(root))
  const verified = createVerifiedFiles()
  const share = createSharedWork<string>()
  const handedOut = new Map<string, number>()
  const incoming = createAtWork(incomingRoot)
  const held = createAtWork(heldRoot)
  const space = createCacheSpace({
    folder: cacheRoot,
    maxBytes: options.maxBytes,
    clock,
    isKept: (path) => (handedOut.get(path) ?? -Infinity) > clock.monotonicMs(),
    onEvicted: (path) => verified.forget(path),
  })
  const pathOf = (path: string) => join(cacheRoot, options.lakeName, path)

  /** The copy, if there is a good one. */
  async function find(file: LakeFile, path: string): Promise<boolean> {
    try {
      await verified.verify(file, path)
      await touch(path, false)
      return true
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return false
      if (!(error instanceof MillraceError)) throw error
      if (error.code === 'file-missing') return false
      if (error.code !== 'file-damaged') throw error
      log.warn('a cached copy is damaged and fetched again', error.details)
      await drop(path)
      return false
    }
  }

  /** The time of access is when it was last handed out; whole seconds keep the time of change as it is. */
  async function touch(path: string, isNew: boolean): Promise<void> {
    const nowMs = clock.now().getTime()
    const { atimeMs, mtimeMs } = await stat(path)
    if (!isNew && Math.abs(nowMs - atimeMs) < TOUCH_AFTER_MS) return
    await utimes(path, nowMs / 1000, Math.floor(mtimeMs / 1000))
  }

  async function drop(path: string): Promise<void> {
    verified.forget(path)
    await rm(path, { force: true })
  }

  /** Gives a whole, correct file its name in the cache. */
  async function settle(file: LakeFile, fromPath: string): Promise<void> {
    const path = pathOf(file.path)
    await touch(fromPath, true)
    await makeFolder(dirname(path))
    await rename(fromPath, path)
    await verified.trust(file, path)
    keep(path, ARRIVED_MS)
    await space.add(file.sizeBytes)
  }

  function keep(path: string, forMs: number): void {
    const nowMs = clock.monotonicMs()
    const untilMs = Math.max(nowMs + forMs, handedOut.get(path) ?? 0)
    handedOut.delete(path)
    handedOut.set(path, untilMs)
    for (const [known, until] of handedOut) {
      if (until > nowMs) break
      handedOut.delete(known)
    }
  }

  function copyOf(file: LakeFile, signal: AbortSignal | undefined): Promise<string> {
    const path = pathOf(file.path)
    return share(`${path}\0${file.sha256}`, signal, async (anyone) =>
      onDisk(path, async () => {
        if (await find(file, path)) return path
        await passing(async (arriving) => {
          await options.fetch(file, arriving, anyone)
          await settle(file, arriving)
        })
        return path
      }),
    )
  }

  async function passing(write: (path: string) => Promise<void>): Promise<void> {
    const name = ids.next('in')
    const path = join(incomingRoot, name)
    incoming.begin(name)
    try {
      await write(path)
    } finally {
      await rm(path, { force: true })
      incoming.end(name)
    }
  }

  return {
    async localPath(file, signal) {
      const path = await copyOf(file, signal)
      keep(path, KEEP_MS)
      return path
    },

    hold() {
      const name = ids.next('held')
      const holdFolder = join(heldRoot, name)
      const names = new Map<string, Promise<string>>()
      let released = false
      let taken = 0
      held.begin(name)

      async function take(file: LakeFile, path: string, signal: AbortSignal | undefined) {
        for (let tries = 1; ; tries++) {
          const copy = await copyOf(file, signal)
          if (released) throw new MillraceError('internal', { message: 'the hold was released' })
          await onDisk(path, () => makeFolder(holdFolder))
          if (await onDisk(path, () => nameAgain(copy, path))) return path
          if (tries === HOLD_TRIES) {
            const message = `${copy} was evicted ${tries} times while it was taken`
            throw new MillraceError('internal', { message })
          }
        }
      }

      return {
        localPath(file, signal) {
          const known = names.get(file.path)
          if (known) return known
          const path = join(holdFolder, `${taken++}-${basename(file.path)}`)
          const taking = take(file, path, signal)
          names.set(file.path, taking)
          taking.catch(() => names.delete(file.path))
          return taking
        },
        async release() {
          released = true
          await onDisk(holdFolder, () => rm(holdFolder, { recursive: true, force: true }))
          held.end(name)
        },
      }
    },

    take: (file, fromPath) => onDisk(pathOf(file.path), () => settle(file, fromPath)),
    passing,
    drop: (path) => onDisk(pathOf(path), () => drop(pathOf(path))),

    async dropBelow(folder) {
      const path = pathOf(folder)
      await onDisk(path, async () => {
        for await (const copy of filesBelow(path)) await drop(copy.path)
        await rm(path, { recursive: true, force: true })
      })
    },

    async sweep(beforeMs) {
      const lost = await onDisk(heldRoot, () => sweepEntries(heldRoot, held.names, beforeMs))
      const left = await onDisk(incomingRoot, () =>
        sweepEntries(incomingRoot, incoming.names, beforeMs),
      )
      return { files: lost.files + left.files, bytes: lost.bytes + left.bytes }
    },
  }
}

/** False: there is no such file any more. Disks that know no second name for a file get a copy. */
async function nameAgain(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    const code = systemCode(error) ?? ''
    if (code === 'ENOENT') return false
    if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK'].includes(code)) throw error
  }
  try {
    await copyFile(from, to)
    return true
  } catch (error) {
    await unlink(to).catch(() => {})
    if (systemCode(error) === 'ENOENT') return false
    throw error
  }
}
