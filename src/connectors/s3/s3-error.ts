import { codeOf } from '#connectors/disk-error.ts'
import type { S3Location } from '#connectors/s3/s3-location.ts'
import { formatS3Location } from '#connectors/s3/s3-location.ts'
import type { S3Options } from '#connectors/s3/s3-options.ts'
import { MillraceError } from '#kernel/errors.ts'

/** What the library tells about an answer that was an error. */
interface Answer {
  readonly status: number | undefined
  /** S3's own code (`NoSuchKey`), or the library's name for the fault. */
  readonly code: string
  /** Where the bucket really is, if the server said so. */
  readonly region: string | undefined
}

export function answerOf(error: unknown): Answer {
  const fields = (error ?? {}) as {
    name?: string
    Region?: string
    $metadata?: { httpStatusCode?: number }
    $response?: { statusCode?: number; headers?: Record<string, string> }
  }
  return {
    status: fields.$metadata?.httpStatusCode ?? fields.$response?.statusCode,
    code: fields.name ?? '',
    region: fields.$response?.headers?.['x-amz-bucket-region'] ?? fields.Region,
  }
}

/** True when the same request may be answered later: no answer, a server in trouble, too many requests. */
export function isPassing(error: unknown): boolean {
  if (error instanceof MillraceError) return false
  const { status, code } = answerOf(error)
  if (/^(CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO|ERR_TLS|ERR_INVALID)/.test(codeOf(error) ?? ''))
    return false
  if (code === 'CredentialsProviderError') return false
  if (
    /^(SlowDown|Throttl|RequestTimeout|RequestTimeTooSkewed|InternalError|TooManyRequests)/.test(
      code,
    )
  )
    return true
  return status === undefined || status < 300 || status === 408 || status === 429 || status >= 500
}

/** An answer for good, or an error of ours: to be told as it is. */
export function isRefusal(error: unknown): boolean {
  const { status, code } = answerOf(error)
  return (
    error instanceof MillraceError || code === 'CredentialsProviderError' || (status ?? 0) >= 300
  )
}

/** The object is another one than the first answer described. */
export function isChange(error: unknown): boolean {
  const { status } = answerOf(error)
  return status === 412 || status === 416
}

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
  const given = options.region ?? 'us-east-1'
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

/** One line about what went wrong, for people. */
export function reasonOf(error: unknown): string {
  const { status, code } = answerOf(error)
  if (status !== undefined && status >= 300)
    return `the server answered ${status}${code ? ` ${code}` : ''}`
  switch (codeOf(error) ?? '') {
    case 'ECONNREFUSED':
      return 'the connection was refused'
    case 'ECONNRESET':
    case 'EPIPE':
      return 'the connection was cut'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the name of the server is not known'
    default:
      return error instanceof Error && error.message !== '' ? error.message : String(error)
  }
}
