import type { ObjectInfo } from '#connectors/connector.ts'
import { refusal } from '#connectors/s3/s3-error.ts'
import type { SourceSession } from '#connectors/s3/s3-session.ts'
import { describeObject } from '#object-storage/describe-object.ts'
import type { DescribedObject } from '#object-storage/describe-object.ts'
import { formatS3Location } from '#object-storage/s3-location.ts'
import type { S3Location } from '#object-storage/s3-location.ts'

/** The object as the server describes it, and what it tells about the checksums of its bytes. */
export interface Head {
  readonly info: ObjectInfo
  readonly answer: DescribedObject
}

/** Throws `object-missing`, `bucket-missing`, `source-denied`, `source-region-wrong`, `source-unreachable`. */
export async function headObject(
  session: SourceSession,
  at: S3Location,
  signal: AbortSignal | undefined,
  partNumber?: number,
): Promise<Head> {
  const answer = await describeObject(session, at, signal, partNumber).catch((error: unknown) => {
    throw refusal(error, at, session.options)
  })
  const { ETag: etag, ContentLength: sizeBytes, LastModified: modifiedAt } = answer
  const location = formatS3Location(at)
  return { info: { location, sizeBytes, etag, modifiedAt: modifiedAt ?? new Date(0) }, answer }
}
