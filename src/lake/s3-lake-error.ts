import { MillraceError } from '#kernel/errors.ts'
import { answerOf } from '#object-storage/s3-answer.ts'
import { DEFAULT_REGION } from '#object-storage/s3-client.ts'
import type { S3Access, Unreachable } from '#object-storage/s3-client.ts'
import { formatS3Location } from '#object-storage/s3-location.ts'

const RIGHTS =
  's3:GetObject, s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload on the objects, s3:ListBucket and s3:ListBucketMultipartUploads on the bucket'

interface S3Bucket {
  readonly bucket: string
  readonly prefix: string
  readonly access: S3Access
}

/** What an S3 server refused, as our own error; anything else as it is. */
export function s3LakeError(
  error: unknown,
  path: string,
  { bucket, prefix, access }: S3Bucket,
): unknown {
  if (error instanceof MillraceError) return error
  const { status, code, region } = answerOf(error)
  const cause = { cause: error }
  const given = access.region ?? DEFAULT_REGION
  const location = formatS3Location({ bucket, key: prefix + path })
  const denied = (reason: string, hint: string) =>
    new MillraceError('lake-denied', { path: location, reason, hint }, cause)
  if (code === 'CredentialsProviderError') {
    return denied(
      'no AWS credentials were found on this machine',
      'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine a role.',
    )
  }
  if (isFull(error)) return new MillraceError('lake-full', { path: location }, cause)
  if (region !== undefined && region !== given && [301, 307, 400].includes(status ?? 0)) {
    return denied(`the bucket is in ${region}, not in ${given}`, `Set AWS_REGION to ${region}.`)
  }
  if (code === 'NoSuchBucket') {
    const place = access.endpoint ?? `S3 (${given})`
    return denied(
      `there is no bucket "${bucket}" at ${place}`,
      'Make the bucket, or correct its name in MILLRACE_LAKE and the endpoint.',
    )
  }
  if (status === 404) return new MillraceError('file-missing', { path }, cause)
  if (status === 401 || status === 403 || /Token|AccessKey|Signature/.test(code)) {
    return denied(
      reasons[code] ?? `the server answered ${status ?? ''} ${code}`,
      `Check the AWS credentials; they need ${RIGHTS}.`,
    )
  }
  if (status !== undefined && status >= 300) {
    return denied(`the server answered ${status} ${code}`, 'Check the region and the endpoint.')
  }
  return error
}

/** Tries are used up. */
export function s3LakeUnreachable({ location, tries, reason, cause }: Unreachable): MillraceError {
  if (isFull(cause)) return new MillraceError('lake-full', { path: location }, { cause })
  return new MillraceError('lake-unreachable', { path: location, tries, reason }, { cause })
}

const reasons: Readonly<Record<string, string>> = {
  AccessDenied: 'these credentials may not use it',
  InvalidAccessKeyId: 'the access key is not known',
  SignatureDoesNotMatch: 'the signature does not match the secret key',
  ExpiredToken: 'the session token is no longer valid',
  InvalidToken: 'the session token is not valid',
}

function isFull(error: unknown): boolean {
  const { status, code } = answerOf(error)
  return status === 507 || /StorageFull|QuotaExceeded|InsufficientStorage/.test(code)
}
