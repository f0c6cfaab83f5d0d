import { loadS3 } from '#object-storage/s3-client.ts'
import type { S3Session } from '#object-storage/s3-client.ts'
import { formatS3Location } from '#object-storage/s3-location.ts'
import type { S3Location } from '#object-storage/s3-location.ts'
import { withTries } from '#object-storage/tries.ts'

export interface ListedObject {
  readonly key: string
  readonly sizeBytes: number
  readonly etag: string
  readonly modifiedAt: Date
}

/**
 * Objects below a prefix, page by page, in the server's order: the UTF-8 bytes of their keys. What
 * the server refuses is thrown as the library's error.
 */
export async function* listObjects(
  session: S3Session,
  prefix: S3Location,
  signal?: AbortSignal,
): AsyncGenerator<ListedObject> {
  const { ListObjectsV2Command } = await loadS3()
  let token: string | undefined
  do {
    const command = new ListObjectsV2Command({
      Bucket: prefix.bucket,
      Prefix: prefix.key,
      // Names may hold characters that XML cannot.
      EncodingType: 'url',
      ...(token === undefined ? {} : { ContinuationToken: token }),
    })
    const page = await withTries(session, formatS3Location(prefix), { signal }, async (attempt) => {
      const answer = await session.client.send(command, { abortSignal: attempt.signal })
      // An error in the body of a 200 would otherwise read as an empty bucket.
      if (answer.Name === undefined)
        throw new Error('the server answered 200 with something else than a list')
      return answer
    })
    for (const { Key, ETag, Size, LastModified } of page.Contents ?? []) {
      if (Key === undefined || ETag === undefined || Size === undefined) continue
      const key = page.EncodingType === 'url' ? decodeURIComponent(Key.replaceAll('+', ' ')) : Key
      yield { key, sizeBytes: Size, etag: ETag, modifiedAt: LastModified ?? new Date(0) }
    }
    token = page.IsTruncated ? page.NextContinuationToken : undefined
  } while (token !== undefined)
}
