import { constants } from 'node:fs'
import { copyFile, open, stat } from 'node:fs/promises'

import type { FetchRequest, ObjectInfo } from '#connectors/connector.ts'
import { fileError } from '#connectors/file/file-error.ts'
import { receiveFile } from '#connectors/receive-file.ts'
import { writeAll } from '#kernel/write-all.ts'
import type { Clock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'
import { systemCode } from '#kernel/system-code.ts'

/**
 * File systems stamp times in ticks (up to 10 ms on Linux; 2 s on FAT is not covered). A write in
 * the same tick as an earlier look would not show, so a file younger than this is looked at again.
 */
const TICK_MS = 20
const CHUNK_BYTES = 4 * 1024 * 1024
/**
 * Between these sizes the kernel copies in one go, several times faster and over in a second or two.
 * A larger copy tells its progress and can be stopped; a smaller one has nothing to gain.
 */
const KERNEL_COPY_LEAST = 32e6
const KERNEL_COPY_MOST = 1e9

/** Throws `object-missing`, `source-denied`, `location-invalid` (a folder or device), `source-unreachable`. */
export async function statFile(path: string, clock: Clock): Promise<ObjectInfo> {
  try {
    let found = await stat(path, { bigint: true })
    const youngMs = clock.now().getTime() - Number(found.mtimeMs)
    if (youngMs >= 0 && youngMs < TICK_MS) {
      await clock.sleep(TICK_MS - youngMs)
      found = await stat(path, { bigint: true })
    }
    if (!found.isFile()) {
      throw new MillraceError('location-invalid', {
        location: path,
        problem: found.isDirectory() ? 'is a folder' : 'is not a regular file',
        hint: 'Name the file; {yyyy} and {MM} stand for its month, as in /data/{yyyy}/{MM}/events.csv.',
      })
    }
    return {
      location: path,
      sizeBytes: Number(found.size),
      etag: `${found.size.toString(36)}-${found.mtimeNs.toString(36)}-${found.ino.toString(36)}`,
      modifiedAt: found.mtime,
    }
  } catch (error) {
    throw fileError(error, path)
  }
}

/**
 * Copies the file as `info` describes it, without sharing later changes; on file systems that can,
 * without copying bytes. Throws `source-changing` when it is not the same file before and after.
 */
export async function copySnapshot(
  info: ObjectInfo,
  request: FetchRequest,
  clock: Clock,
): Promise<void> {
  const { location, sizeBytes } = info
  request.signal?.throwIfAborted()
  await receiveFile(request.toPath, async (path) => {
    if (!(await clone(location, path))) {
      if (sizeBytes >= KERNEL_COPY_LEAST && sizeBytes <= KERNEL_COPY_MOST)
        await copyWhole(location, path)
      else await copyBytes(location, path, sizeBytes, request)
    }
    const after = await statFile(location, clock)
    const written = await stat(path)
    if (after.etag !== info.etag || written.size !== sizeBytes) {
      throw new MillraceError('source-changing', { location })
    }
  })
  request.onProgress?.(sizeBytes, sizeBytes)
}

/** True when the file system shared the blocks (copy on write). */
async function clone(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to, constants.COPYFILE_FICLONE_FORCE)
    return true
  } catch (error) {
    const code = systemCode(error)
    if (code === 'EACCES' || code === 'ENOENT') throw fileError(error, from)
    return false
  }
}

/** The kernel copies without the bytes passing through here: several times faster, all or nothing. */
async function copyWhole(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to, constants.COPYFILE_EXCL)
  } catch (error) {
    throw fileError(error, from)
  }
}

async function copyBytes(
  from: string,
  to: string,
  sizeBytes: number,
  { signal, onProgress }: FetchRequest,
): Promise<void> {
  await using source = await open(from).catch((error: unknown) => {
    throw fileError(error, from)
  })
  await using target = await open(to, 'wx', 0o600)
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, sizeBytes + 1))
  let copied = 0
  // One byte more than expected is enough to know that it grew.
  while (copied <= sizeBytes) {
    signal?.throwIfAborted()
    const { bytesRead } = await source.read(buffer, 0, buffer.length, copied)
    if (bytesRead === 0) break
    await writeAll(target, buffer.subarray(0, bytesRead), copied)
    copied += bytesRead
    if (copied < sizeBytes) onProgress?.(copied, sizeBytes)
  }
}
