import type { ObjectInfo } from '#connectors/connector.ts'
import { refusal } from '#connectors/s3/s3-error.ts'
import type { SourceSession } from '#connectors/s3/s3-session.ts'
import { listObjects } from '#object-storage/list-objects.ts'
import { formatS3Location } from '#object-storage/s3-location.ts'
import type { S3Location } from '#object-storage/s3-location.ts'

/** Objects below a prefix, ordered by the UTF-8 bytes of their keys. */
export async function* listSources(
  session: SourceSession,
  prefix: S3Location,
  signal: AbortSignal | undefined,
): AsyncGenerator<ObjectInfo> {
  const objects = listObjects(session, prefix, signal)
  for (;;) {
    const next = await objects.next().catch((error: unknown) => {
      throw refusal(error, prefix, session.options, 'list')
    })
    if (next.done) return
    const { key, sizeBytes, etag, modifiedAt } = next.value
    const location = formatS3Location({ bucket: prefix.bucket, key })
    yield { location, sizeBytes, etag, modifiedAt }
  }
}
