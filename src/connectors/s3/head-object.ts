import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3'

import type { ObjectInfo } from '#connectors/connector.ts'
import { refusal } from '#connectors/s3/s3-error.ts'
import type { SourceSession } from '#connectors/s3/s3-session.ts'
import { answerOf } from '#object-storage/s3-answer.ts'
import { loadS3 } from '#object-storage/s3-client.ts'
import { formatS3Location } from '#object-storage/s3-location.ts'
import type { S3Location } from '#object-storage/s3-location.ts'
import { withTries } from '#object-storage/tries.ts'

/** The object as the server describes it, and what it tells about the checksums of its bytes. */
export interface Head {
  readonly info: ObjectInfo
  readonly answer: HeadObjectCommandOutput
}

/** Throws `object-missing`, `bucket-missing`, `source-denied`, `source-region-wrong`, `source-unreachable`. */
export async function headObject(
  session: SourceSession,
  at: S3Location,
  signal: AbortSignal | undefined,
  /** Of one part of an object that was uploaded in parts: its size is that part's. */
  partNumber?: number,
): Promise<Head> {
  const { client, options } = session
  const { HeadObjectCommand, GetObjectCommand } = await loadS3()
  const location = formatS3Location(at)
  const object = { Bucket: at.bucket, Key: at.key }
  const part = partNumber === undefined ? {} : { PartNumber: partNumber }
  const head = new HeadObjectCommand({ ...object, ...part, ChecksumMode: 'ENABLED' })
  try {
    return await withTries(session, location, { signal }, async (attempt) => {
      const answer = await client.send(head, { abortSignal: attempt.signal })
      const { ETag: etag, ContentLength: sizeBytes, LastModified: modifiedAt } = answer
      if (etag === undefined || sizeBytes === undefined) {
        throw new Error('the server described the object without its size and tag')
      }
      const info = { location, sizeBytes, etag, modifiedAt: modifiedAt ?? new Date(0) }
      return { info, answer }
    })
  } catch (error) {
    const { status = 0, region } = answerOf(error)
    if (status < 400 || region !== undefined) throw refusal(error, at, options)
    // An answer to HEAD has no body, so it cannot say why; the same GET does.
    const get = new GetObjectCommand({ ...object, Range: 'bytes=0-0' })
    const why = await withTries(session, location, { signal }, (attempt) =>
      client.send(get, { abortSignal: attempt.signal }),
    ).then(
      (answer) => {
        ;(answer.Body as { destroy?: () => void } | undefined)?.destroy?.()
        return error
      },
      (reason: unknown) => reason,
    )
    throw refusal(why, at, options)
  }
}
