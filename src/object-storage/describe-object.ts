import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3'

import { answerOf } from '#object-storage/s3-answer.ts'
import { loadS3 } from '#object-storage/s3-client.ts'
import type { S3Session } from '#object-storage/s3-client.ts'
import { formatS3Location } from '#object-storage/s3-location.ts'
import type { S3Location } from '#object-storage/s3-location.ts'
import { withTries } from '#object-storage/tries.ts'

export type DescribedObject = HeadObjectCommandOutput & {
  readonly ETag: string
  readonly ContentLength: number
}

/**
 * What the server tells of an object, checksums of its bytes included. What it refuses is thrown as
 * the library's error, with the reason: an answer to HEAD has no body and cannot say it, so the same
 * GET is asked.
 */
export async function describeObject(
  session: S3Session,
  at: S3Location,
  signal?: AbortSignal,
  /** Of one part of an object that was uploaded in parts: its size is that part's. */
  partNumber?: number,
): Promise<DescribedObject> {
  const { client } = session
  const { HeadObjectCommand, GetObjectCommand } = await loadS3()
  const location = formatS3Location(at)
  const object = { Bucket: at.bucket, Key: at.key }
  const part = partNumber === undefined ? {} : { PartNumber: partNumber }
  const head = new HeadObjectCommand({ ...object, ...part, ChecksumMode: 'ENABLED' })
  try {
    return await withTries(session, location, { signal }, async (attempt) => {
      const answer = await client.send(head, { abortSignal: attempt.signal })
      const { ETag, ContentLength } = answer
      if (ETag === undefined || ContentLength === undefined) {
        throw new Error('the server described the object without its size and tag')
      }
      return { ...answer, ETag, ContentLength }
    })
  } catch (error) {
    const { status = 0, region } = answerOf(error)
    if (status < 400 || region !== undefined) throw error
    const get = new GetObjectCommand({ ...object, Range: 'bytes=0-0' })
    const answer = await withTries(session, location, { signal }, (attempt) =>
      client.send(get, { abortSignal: attempt.signal }),
    )
    ;(answer.Body as { destroy?: () => void } | undefined)?.destroy?.()
    throw error
  }
}
