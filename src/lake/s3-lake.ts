import { statfs } from 'node:fs/promises'
import { join, resolve } from 'node:path'

import type { Clock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'
import { sha256 } from '#kernel/hash.ts'
import { createIds } from '#kernel/ids.ts'
import type { Logger } from '#kernel/logger.ts'
import type { Random } from '#kernel/random.ts'
import { checkCode, codeFile, codePath } from '#lake/code-path.ts'
import { assertLakePath, tenantFolder } from '#lake/file-path.ts'
import { bytesBelow, sweepEntries } from '#lake/folder-files.ts'
import type { Lake, LakeFile } from '#lake/lake.ts'
import { onDisk } from '#lake/lake-error.ts'
import { openLocalCache } from '#lake/local-cache.ts'
import { createUploader } from '#lake/s3-adopt.ts'
import { createS3Files } from '#lake/s3-files.ts'
import { s3LakeUnreachable } from '#lake/s3-lake-error.ts'
import { damaged, fetchObject, locate, onS3, unlessGone, type S3Place } from '#lake/s3-objects.ts'
import { isStaged, openStaging } from '#lake/staging.ts'
import { createVerifiedObjects } from '#lake/verified-objects.ts'
import { getObject } from '#object-storage/get-object.ts'
import { createS3Client, loadS3 } from '#object-storage/s3-client.ts'
import type { S3Access } from '#object-storage/s3-client.ts'
import { putObject } from '#object-storage/upload.ts'

export interface S3LakeOptions {
  readonly bucket: string
  /** Empty, or ends in `/`. */
  readonly prefix: string
  readonly access: S3Access
  /** Private folder on the local disk for staging and cache; processes of one machine may share it. */
  readonly localFolder: string
  readonly cacheMaxBytes: number
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** Tries of a request before the lake counts as unreachable; default 6. */
  readonly maxAttempts?: number
  /** A server that sends nothing for so long is asked again; default 20 s. */
  readonly idleTimeoutMs?: number
  /** Size of the parts of big files, 5 MiB or more; default 16 MiB. */
  readonly partBytes?: number
}

const PARALLEL_PARTS = 4

/**
 * A lake in a bucket. Objects get their final names from `adopt` alone, whole or not at all; the
 * server is asked at the first use, not here. Throws `lake-full` and `lake-denied` for the local folder.
 */
export async function openS3Lake(options: S3LakeOptions): Promise<Lake> {
  const { bucket, prefix, access, clock, random, log } = options
  const root = resolve(options.localFolder)
  const ids = createIds(clock, random)
  const staging = await openStaging(join(root, 'staging'))
  const client = createS3Client(await loadS3(), access)
  const place: S3Place = {
    session: {
      client,
      maxAttempts: options.maxAttempts ?? 6,
      idleTimeoutMs: options.idleTimeoutMs ?? 20_000,
      clock,
      random,
      log,
      unreachable: s3LakeUnreachable,
    },
    bucket,
    prefix,
    access,
    partBytes: options.partBytes ?? 16 * 1024 * 1024,
    parallelParts: PARALLEL_PARTS,
  }
  const cache = await openLocalCache({
    folder: root,
    lakeName: sha256(`${access.endpoint ?? ''} ${bucket}/${prefix}`).slice(0, 16),
    maxBytes: options.cacheMaxBytes,
    fetch: (file, path, signal) =>
      onS3(place, file.path, () => fetchObject(place, file, path, signal)),
    clock,
    ids,
    log,
  })
  const verified = createVerifiedObjects(place, (file, signal) =>
    cache.passing((path) => fetchObject(place, file, path, signal)),
  )
  const uploader = createUploader(place, ids, (file, crc32) => verified.confirm(file, crc32))
  const files = createS3Files(place, ids)

  return {
    staging: (attempt) => staging.make(attempt),
    takeOverStaging: (attempt, beginning) => staging.takeOver(attempt, beginning),
    discardStaging: (attempt) => staging.discard(attempt),

    async adopt(staged, toPath, { resumable = false } = {}) {
      assertLakePath(toPath)
      const { sizeBytes, sha256: hash } = staged
      const wanted: LakeFile = { path: toPath, sizeBytes, sha256: hash }
      return onS3(place, toPath, async () => {
        if (!(await isStaged(staged))) {
          // Adopted before, and the caller comes again: it must be the very same file.
          await verified.verify(wanted, {})
          return wanted
        }
        const file = await uploader.upload(staged, wanted, resumable)
        // What is published stays so where the cache has no room for it.
        await cache.take(file, staged.path).catch((error: unknown) => {
          log.warn('an adopted file did not go into the cache', {
            path: file.path,
            reason: String(error),
          })
        })
        return file
      })
    },

    verify: (file, verifyOptions = {}) => {
      assertLakePath(file.path)
      return onS3(place, file.path, () => verified.verify(file, verifyOptions))
    },

    localPath: (file, signal) => {
      assertLakePath(file.path)
      return cache.localPath(file, signal)
    },

    hold() {
      const hold = cache.hold()
      return {
        localPath(file, signal) {
          assertLakePath(file.path)
          return hold.localPath(file, signal)
        },
        release: () => hold.release(),
      }
    },

    async remove(paths) {
      for (const path of paths) assertLakePath(path)
      const swept = await onS3(place, paths[0] ?? '', () => files.remove(paths))
      for (const path of paths) {
        verified.forget(path)
        await cache.drop(path)
      }
      return swept
    },

    tenantUsage(slug) {
      const folder = tenantFolder(slug)
      return onS3(place, folder, () => files.measureBelow(folder))
    },

    async removeTenant(slug) {
      const folder = tenantFolder(slug)
      for (const path of await onS3(place, folder, () => files.removeBelow(folder))) {
        verified.forget(path)
      }
      await cache.dropBelow(folder)
    },

    async sweepOrphans(knownPaths, olderThanMs) {
      // The server's clock and ours are a quarter of an hour apart at most: it refuses requests else.
      const before = new Date(clock.now().getTime() - olderThanMs)
      const { paths, ...swept } = await onS3(place, '', () => files.sweep(knownPaths, before))
      for (const path of paths) await cache.drop(path)
      const staged = await onDisk(staging.root, () =>
        sweepEntries(staging.root, staging.atWork, before.getTime()),
      )
      const left = await cache.sweep(before.getTime())
      return {
        files: swept.files + staged.files + left.files,
        bytes: swept.bytes + staged.bytes + left.bytes,
      }
    },

    async usage() {
      const stored = await onS3(place, '', () => files.measure())
      return onDisk(root, async () => {
        const { bavail, bsize } = await statfs(root)
        const stagingBytes = await bytesBelow(staging.root)
        return { ...stored, stagingBytes, freeBytes: bavail * bsize }
      })
    },

    async probe() {
      await onS3(place, '', () => files.probe())
      await staging.probe()
    },

    async writeCode(hash, bytes) {
      const file = codeFile(hash, bytes)
      await onS3(place, file.path, async () => {
        const known = await getObject(place.session, locate(place, file.path)).catch(unlessGone)
        if (known && sha256(known) === hash) return
        await putObject(place.session, locate(place, file.path), bytes, {
          ifFree: false,
          sha256: hash,
        })
        if (await verified.confirm(file, undefined)) return
        throw damaged(file, `sha256:${hash}`, 'other bytes than were sent')
      })
    },

    async readCode(hash) {
      const path = codePath(hash)
      const read = () =>
        onS3(place, path, async () =>
          checkCode(hash, await getObject(place.session, locate(place, path))),
        )
      // Wrong bytes may have been damaged on their way.
      return read().catch((error: unknown) => {
        if (error instanceof MillraceError && error.code === 'file-damaged') return read()
        throw error
      })
    },

    close() {
      // Agents that were handed in are not ours to close, and the client would close them.
      if (access.agents === undefined) client.destroy()
      return Promise.resolve()
    },
  }
}
