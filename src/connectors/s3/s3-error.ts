import type { S3Options } from '#connectors/s3/s3-options.ts'
import { MillraceError } from '#kernel/errors.ts'
import { answerOf } from '#object-storage/s3-answer.ts'
import { DEFAULT_REGION } from '#object-storage/s3-client.ts'
import { formatS3Location } from '#object-storage/s3-location.ts'
import type { S3Location } from '#object-storage/s3-location.ts'

/** A refusal that stays, as our own error with the way out; anything else as it is. */
export function refusal(
  error: unknown,
  at: S3Location,
  options: S3Options,
  asked: 'object' | 'list' = 'object',
): unknown {
  if (error instanceof MillraceError) return error
  const location = formatS3Location(at)
  const { status, code, region } = answerOf(error)
  const cause = { cause: error }
  const given = options.region ?? DEFAULT_REGION
  if (code === 'CredentialsProviderError') {
    return new MillraceError('source-credentials-missing', { location }, cause)
  }
  if (region !== undefined && region !== given && [301, 307, 400].includes(status ?? 0)) {
    return new MillraceError('source-region-wrong', { bucket: at.bucket, region, given }, cause)
  }
  if (code === 'NoSuchBucket') {
    const endpoint = options.endpoint ?? `S3 (${given})`
    return new MillraceError('bucket-missing', { bucket: at.bucket, endpoint }, cause)
  }
  if (status === 404) return new MillraceError('object-missing', { location }, cause)
  if (status === 401 || status === 403 || /Token|AccessKey|Signature/.test(code)) {
    const { reason, hint } = denial(code, options, asked)
    return new MillraceError('source-denied', { location, reason, hint }, cause)
  }
  if (status !== undefined && status >= 300) {
    return new MillraceError(
      'source-denied',
      {
        location,
        reason: `the server answered ${status} ${code}`,
        hint: 'Check region, endpoint and pathStyle of this source.',
      },
      cause,
    )
  }
  return error
}

function denial(
  code: string,
  options: S3Options,
  asked: 'object' | 'list',
): { reason: string; hint: string } {
  switch (code) {
    case 'InvalidAccessKeyId':
      return {
        reason: 'the access key is not known',
        hint: 'Check accessKeyId, and the endpoint that it belongs to.',
      }
    case 'SignatureDoesNotMatch':
      return { reason: 'the signature does not match', hint: 'Check secretAccessKey.' }
    case 'ExpiredToken':
    case 'InvalidToken':
      return {
        reason: 'the session token is no longer valid',
        hint: 'Get new temporary credentials.',
      }
    default:
      if (asked === 'list') {
        return {
          reason: 'the bucket may not be listed',
          hint: 'Name the partitions, as in --month 2021-04, or grant s3:ListBucket on the bucket.',
        }
      }
      return options.anonymous
        ? {
            reason: 'it is not public, or it does not exist',
            hint: 'Check the address; if it is right, leave --anonymous out and give credentials.',
          }
        : {
            reason: 'these credentials may not read it, or it does not exist',
            hint: 'Grant s3:GetObject on the object and s3:ListBucket on the bucket; if the bucket is public, add --anonymous.',
          }
  }
}
