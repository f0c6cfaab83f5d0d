import { MillraceError } from '#kernel/errors.ts'
import { systemCode } from '#kernel/system-code.ts'

/** What the library tells about an answer that was an error. */
export interface Answer {
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
  if (/^(CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO|ERR_TLS|ERR_INVALID)/.test(systemCode(error) ?? ''))
    return false
  if (code === 'CredentialsProviderError' || code === 'NotImplemented') return false
  if (
    /^(SlowDown|Throttl|RequestTimeout|RequestTimeTooSkewed|InternalError|TooManyRequests)/.test(
      code,
    )
  )
    return true
  // What was sent is not what arrived.
  if (/^(BadDigest|IncompleteBody|XAmzContent(SHA256|Checksum)Mismatch)$/.test(code)) return true
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

/** One line about what went wrong, for people. */
export function reasonOf(error: unknown): string {
  const { status, code } = answerOf(error)
  if (status !== undefined && status >= 300)
    return `the server answered ${status}${code ? ` ${code}` : ''}`
  switch (systemCode(error) ?? '') {
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
