import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'

import { MillraceError } from '#kernel/errors.ts'
import type { LakeFile } from '#lake/lake.ts'
import { lakeError } from '#lake/lake-error.ts'
import { s3LakeError } from '#lake/s3-lake-error.ts'
import { describeObject } from '#object-storage/describe-object.ts'
import { download } from '#object-storage/download.ts'
import { answerOf } from '#object-storage/s3-answer.ts'
import type { S3Access, S3Session } from '#object-storage/s3-client.ts'
import { formatS3Location } from '#object-storage/s3-location.ts'
import type { S3Location } from '#object-storage/s3-location.ts'

/** A download that arrives with wrong bytes may have been damaged on its way. */
const FETCH_TRIES = 2
const HASH_BYTES = 1024 * 1024

/** The bucket as a lake sees it. */
export interface S3Place {
  readonly session: S3Session
  readonly bucket: string
  /** Empty, or ends in `/`. */
  readonly prefix: string
  readonly access: S3Access
  readonly partBytes: number
  readonly parallelParts: number
}

export function locate({ bucket, prefix }: S3Place, path: string): S3Location {
  return { bucket, key: prefix + path }
}

/** Runs one step of work on an object; what server or disk say becomes our own error. */
export async function onS3<T>(place: S3Place, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw lakeError(s3LakeError(error, path, place), path)
  }
}

/** How the object compares with the file that it should be, as far as the server tells. */
export interface Compared {
  /** Null: the server knows no checksum that tells. */
  readonly same: boolean | null
  readonly etag: string
  readonly expected: string
  readonly found: string
}

/** What the server refuses, such as an object that is not there, is thrown as the library's error. */
export async function compareObject(
  place: S3Place,
  file: LakeFile,
  known: { readonly crc32?: string | undefined; readonly signal?: AbortSignal | undefined } = {},
): Promise<Compared> {
  const answer = await describeObject(place.session, locate(place, file.path), known.signal)
  const { ETag: etag, ContentLength: size, ChecksumSHA256, ChecksumCRC32, ChecksumType } = answer
  if (size !== file.sizeBytes) {
    return { same: false, etag, expected: `${file.sizeBytes} bytes`, found: `${size} bytes` }
  }
  const whole = (value: string | undefined) =>
    ChecksumType === 'COMPOSITE' || value?.includes('-') ? undefined : value
  const sha256 = whole(ChecksumSHA256)
  const expected = `sha256:${file.sha256}`
  if (sha256 !== undefined) {
    const found = `sha256:${Buffer.from(sha256, 'base64').toString('hex')}`
    return { same: found === expected, etag, expected, found }
  }
  const crc32 = whole(ChecksumCRC32)
  if (crc32 !== undefined && known.crc32 !== undefined) {
    const same = crc32 === known.crc32
    return { same, etag, expected: `crc32:${known.crc32}`, found: `crc32:${crc32}` }
  }
  return { same: null, etag, expected, found: 'an object without a checksum' }
}

/** The object is not there; a bucket that is not there is something else. */
export function isMissing(error: unknown): boolean {
  const { status, code } = answerOf(error)
  return status === 404 && code !== 'NoSuchBucket'
}

/** Null for an object that is not there; anything else is thrown. */
export function unlessGone(error: unknown): null {
  if (isMissing(error)) return null
  throw error
}

export function damaged(file: LakeFile, expected: string, found: string): MillraceError {
  return new MillraceError('file-damaged', { path: file.path, expected, found })
}

/**
 * Reads the object into a new local file, in ranges side by side, and hashes what lies on the disk
 * while the rest is still coming. Throws `file-missing`, `file-damaged`; nothing is left then.
 */
export async function fetchObject(
  place: S3Place,
  file: LakeFile,
  path: string,
  signal?: AbortSignal,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    const digest = createHash('sha256')
    const buffer = Buffer.allocUnsafe(HASH_BYTES)
    const job = {
      at: locate(place, file.path),
      sizeBytes: file.sizeBytes,
      etag: null,
      partBytes: place.partBytes,
      parallelParts: place.parallelParts,
      signal,
      onPart: async (handle: FileHandle, start: number, end: number) => {
        for (let at = start; at < end;) {
          const length = Math.min(buffer.length, end - at)
          const { bytesRead } = await handle.read(buffer, 0, length, at)
          if (bytesRead === 0) return
          digest.update(buffer.subarray(0, bytesRead))
          at += bytesRead
        }
      },
      errors: {
        changed: (found: string) => damaged(file, `${file.sizeBytes} bytes`, found),
        rangesIgnored: () =>
          new MillraceError('lake-denied', {
            path: formatS3Location(locate(place, file.path)),
            reason: 'the server sends whole objects where a part is asked for',
            hint: 'Use an S3 server that knows ranges.',
          }),
        disk: (error: unknown) => diskFault(error, path),
      },
    }
    try {
      await download(place.session, job, path)
      const found = digest.digest('hex')
      if (found === file.sha256) return
      throw damaged(file, `sha256:${file.sha256}`, `sha256:${found}`)
    } catch (error) {
      await rm(path, { force: true })
      const again = error instanceof MillraceError && error.code === 'file-damaged'
      if (!again || tries === FETCH_TRIES) throw error
    }
  }
}

/** A fault of our own disk, told apart from all that the server may do. */
function diskFault(error: unknown, path: string): MillraceError {
  const known = lakeError(error, path)
  if (known instanceof MillraceError) return known
  const message = `writing ${path}: ${String(error)}`
  return new MillraceError('internal', { message }, { cause: error })
}
