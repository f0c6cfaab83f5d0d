import { MillraceError, toMillraceError, type ErrorDetails } from '#kernel/errors.ts'
import { JSON_DEPTH_MAX } from '#server/strict-json.ts'

/** Problem details (RFC 9457), with the fields that Millrace's own clients read. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: string
  readonly remedy: string
  readonly retryable: boolean
  readonly details: ErrorDetails
  readonly causes: readonly string[]
  readonly requestId: string
}

/**
 * What a caller is told. The inside of a bug, and causes (they may name paths), go to the
 * operator only; everybody else gets the request's id to hand on.
 */
export function toProblem(thrown: unknown, requestId: string, forOperator: boolean): Problem {
  const error = toMillraceError(thrown)
  const hidden = error.entry.kind === 'bug' && !forOperator
  const causes: string[] = []
  for (let cause = error.cause; cause instanceof Error && causes.length < 5; cause = cause.cause) {
    causes.push(cause.message)
  }
  return {
    type: `urn:millrace:error:${error.code}`,
    title: titleOf(error.code),
    status: error.entry.status,
    detail: hidden ? 'Millrace met a case that it was not written for' : error.message,
    code: error.code,
    remedy: hidden ? `Please report the request ${requestId} to your operator.` : error.remedy,
    retryable: error.entry.retryable,
    details: hidden ? {} : error.details,
    causes: forOperator ? causes : [],
    requestId,
  }
}

/** Errors of the HTTP layer in the words of the catalogue. */
export function fromHttpError(thrown: unknown, bodyBytesMax = BODY_BYTES_MAX): MillraceError {
  if (thrown instanceof MillraceError) return thrown
  if (!(thrown instanceof Error)) return toMillraceError(thrown)
  const { code, statusCode } = thrown as Error & { code?: string; statusCode?: number }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new MillraceError('body-too-large', { maxBytes: bodyBytesMax })
  }
  if (code === 'FST_ERR_CTP_EMPTY_JSON_BODY') {
    return new MillraceError('json-invalid', { message: 'it is empty', depthMax: JSON_DEPTH_MAX })
  }
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    const type = /: (.*)$/.exec(thrown.message)?.[1] ?? ''
    return new MillraceError('media-type-unsupported', { type })
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new MillraceError('request-invalid', { message: thrown.message }, { cause: thrown })
  }
  return toMillraceError(thrown)
}

export const BODY_BYTES_MAX = 1_000_000

function titleOf(code: string): string {
  const words = code.replaceAll('-', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
