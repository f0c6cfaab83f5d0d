import type { ListMultipartUploadsCommandOutput, MultipartUpload } from '@aws-sdk/client-s3'

import { answerOf } from '#object-storage/s3-answer.ts'
import { loadS3 } from '#object-storage/s3-client.ts'
import type { S3Session } from '#object-storage/s3-client.ts'
import { formatS3Location } from '#object-storage/s3-location.ts'
import type { S3Location } from '#object-storage/s3-location.ts'
import { withTries } from '#object-storage/tries.ts'

/** Ends those uploads below a prefix that began before a moment and were never completed; their number. */
export async function abortUploads(
  session: S3Session,
  prefix: S3Location,
  before: Date,
  isOurs: (key: string) => boolean,
): Promise<number> {
  const { AbortMultipartUploadCommand } = await loadS3()
  let aborted = 0
  for await (const { Key, UploadId, Initiated } of listUploads(session, prefix)) {
    if (Key === undefined || UploadId === undefined || !isOurs(Key)) continue
    if (Initiated === undefined || Initiated > before) continue
    const command = new AbortMultipartUploadCommand({ Bucket: prefix.bucket, Key, UploadId })
    await withTries(session, formatS3Location(prefix), {}, (attempt) =>
      session.client.send(command, { abortSignal: attempt.signal }),
    ).catch((error: unknown) => {
      if (answerOf(error).code !== 'NoSuchUpload') throw error
    })
    aborted++
  }
  return aborted
}

async function* listUploads(
  session: S3Session,
  prefix: S3Location,
): AsyncGenerator<MultipartUpload> {
  const { ListMultipartUploadsCommand } = await loadS3()
  let page: ListMultipartUploadsCommandOutput | undefined
  do {
    const { NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page ?? {}
    const command = new ListMultipartUploadsCommand({
      Bucket: prefix.bucket,
      Prefix: prefix.key,
      ...(KeyMarker ? { KeyMarker } : {}),
      ...(UploadIdMarker ? { UploadIdMarker } : {}),
    })
    page = await withTries(session, formatS3Location(prefix), {}, async (attempt) => {
      const answer = await session.client.send(command, { abortSignal: attempt.signal })
      if (answer.Bucket === undefined)
        throw new Error('the server answered 200 with something else than a list of uploads')
      return answer
    })
    yield* page.Uploads ?? []
  } while (page.IsTruncated && page.NextKeyMarker)
}
