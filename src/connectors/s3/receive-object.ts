import type { FetchRequest, ObjectInfo } from '#connectors/connector.ts'
import { localFault } from '#connectors/disk-error.ts'
import type { SourceSession } from '#connectors/s3/s3-session.ts'
import { MillraceError } from '#kernel/errors.ts'
import { download } from '#object-storage/download.ts'
import type { S3Location } from '#object-storage/s3-location.ts'

/** Reads the version that `info` describes into a new file. Throws `source-changing` when there is another one. */
export function receiveObject(
  session: SourceSession,
  at: S3Location,
  info: ObjectInfo,
  request: FetchRequest,
  path: string,
): Promise<void> {
  const { partBytes, parallelParts } = session.options
  const { location, sizeBytes, etag } = info
  const job = {
    at,
    sizeBytes,
    etag,
    partBytes,
    parallelParts,
    signal: request.signal,
    onProgress: request.onProgress,
    errors: {
      changed: () => new MillraceError('source-changing', { location }),
      rangesIgnored: () =>
        new MillraceError('source-damaged', {
          location,
          problem: 'the server sends the whole object where a part was asked for',
          hint: `Set partBytes of this source to ${sizeBytes} or more.`,
        }),
      disk: (error: unknown) => localFault(error, request.toPath),
    },
  }
  return download(session, job, path)
}
