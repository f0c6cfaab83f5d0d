import { hash } from 'node:crypto'

import { answerOf } from '#object-storage/s3-answer.ts'
import { loadS3 } from '#object-storage/s3-client.ts'
import type { S3Session } from '#object-storage/s3-client.ts'
import { formatS3Location } from '#object-storage/s3-location.ts'
import type { S3Location } from '#object-storage/s3-location.ts'
import { withTries } from '#object-storage/tries.ts'

/** A line as slow as this is waited for while it takes a body. */
const SLOWEST_BYTES_PER_MS = 64

/**
 * What became of an upload under a name that must be free: `written` is ours; `taken` was there
 * before and nothing was changed; `unsure` is either, for an earlier try went unanswered.
 */
export type UploadOutcome = 'written' | 'taken' | 'unsure'

export interface UploadOptions {
  /** Sends `If-None-Match: *`; without it the name is replaced. */
  readonly ifFree: boolean
  readonly signal?: AbortSignal | undefined
  /** Of the bytes, in lower-case hexadecimal, where the caller knows it already. */
  readonly sha256?: string
}

/**
 * One request for all of the bytes. Their SHA-256 goes with them, so that a server that knows
 * checksums takes them whole or not at all. What the server refuses is thrown as the library's error.
 */
export async function putObject(
  session: S3Session,
  at: S3Location,
  bytes: Uint8Array,
  { ifFree, signal, sha256 }: UploadOptions,
): Promise<UploadOutcome> {
  const { PutObjectCommand } = await loadS3()
  const command = new PutObjectCommand({
    Bucket: at.bucket,
    Key: at.key,
    Body: bytes,
    ContentLength: bytes.length,
    ChecksumAlgorithm: 'SHA256',
    ChecksumSHA256: Buffer.from(sha256 ?? hash('sha256', bytes), 'hex').toString('base64'),
    ...(ifFree ? { IfNoneMatch: '*' } : {}),
  })
  let tries = 0
  const patienceMs = patienceFor(bytes.length)
  return withTries(session, formatS3Location(at), { signal, patienceMs }, async (attempt) => {
    tries++
    try {
      const answer = await session.client.send(command, { abortSignal: attempt.signal })
      if (answer.ETag === undefined) throw new Error('the server answered 200 without a tag')
      return 'written'
    } catch (error) {
      return takenOrThrow(error, ifFree, tries)
    }
  })
}

/** The outcome where the answer was that the name is taken. */
export function takenOrThrow(error: unknown, ifFree: boolean, tries: number): UploadOutcome {
  const { status, code } = answerOf(error)
  if (ifFree && status === 412) return tries === 1 ? 'taken' : 'unsure'
  if (status === 409 && code.startsWith('Conditional')) {
    throw new Error('another request writes the same name', { cause: error })
  }
  throw error
}

export function patienceFor(bytes: number): number {
  return Math.ceil(bytes / SLOWEST_BYTES_PER_MS)
}
