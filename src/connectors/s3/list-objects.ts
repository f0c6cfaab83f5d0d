import type { ObjectInfo } from '#connectors/connector.ts'
import { loadS3 } from '#connectors/s3/s3-client.ts'
import type { S3Session } from '#connectors/s3/s3-client.ts'
import { refusal } from '#connectors/s3/s3-error.ts'
import { formatS3Location } from '#connectors/s3/s3-location.ts'
import type { S3Location } from '#connectors/s3/s3-location.ts'
import { withTries } from '#connectors/s3/tries.ts'

/** Objects below a prefix, page by page, in the server's order: the UTF-8 bytes of their keys. */
export async function* listObjects(
  { client, options, context }: S3Session,
  prefix: S3Location,
  signal: AbortSignal | undefined,
): AsyncGenerator<ObjectInfo> {
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
    const request = withTries(
      formatS3Location(prefix),
      options,
      context,
      signal,
      async (attempt) => {
        const page = await client.send(command, { abortSignal: attempt.signal })
        // An error in the body of a 200 would otherwise read as an empty bucket.
        if (page.Name === undefined)
          throw new Error('the server answered 200 with something else than a list')
        return page
      },
    )
    const page = await request.catch((error: unknown) => {
      throw refusal(error, prefix, options, 'list')
    })
    for (const { Key, ETag, Size, LastModified } of page.Contents ?? []) {
      if (Key === undefined || ETag === undefined || Size === undefined) continue
      const key = page.EncodingType === 'url' ? decodeURIComponent(Key.replaceAll('+', ' ')) : Key
      yield {
        location: formatS3Location({ bucket: prefix.bucket, key }),
        sizeBytes: Size,
        etag: ETag,
        modifiedAt: LastModified ?? new Date(0),
      }
    }
    token = page.IsTruncated ? page.NextContinuationToken : undefined
  } while (token !== undefined)
}
