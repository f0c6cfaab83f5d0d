import type { ProblemCode } from './operations.gen.ts'

/** What the server answered instead of a result: a problem document (RFC 9457). */
export class MillraceError extends Error {
  override readonly name = 'MillraceError'
  /** Stable: match on it. */
  readonly code: ProblemCode | (string & Record<never, never>)
  /** Of the answer; 0: there was none. */
  readonly status: number
  /** The way out. */
  readonly remedy: string
  /** True: the same call may succeed later without a change. */
  readonly retryable: boolean
  /** The values that the message names. */
  readonly details: Readonly<Record<string, unknown>>
  /** To be found in the log of the server; empty: it has not been reached. */
  readonly requestId: string

  constructor(problem: Problem, options?: { cause?: unknown }) {
    super(problem.detail, options)
    this.code = problem.code
    this.status = problem.status
    this.remedy = problem.remedy
    this.retryable = problem.retryable
    this.details = problem.details
    this.requestId = problem.requestId
  }
}

interface Problem {
  readonly code: string
  readonly status: number
  readonly detail: string
  readonly remedy: string
  readonly retryable: boolean
  readonly details: Readonly<Record<string, unknown>>
  readonly requestId: string
}

export async function errorOf(response: Response): Promise<MillraceError> {
  const text = await response.text().catch(() => '')
  let body: Partial<Problem> = {}
  try {
    body = JSON.parse(text) as Partial<Problem>
  } catch {
    // A proxy in between speaks its own language.
  }
  const { status } = response
  return new MillraceError({
    code: body.code ?? 'answer-unreadable',
    status,
    detail:
      body.detail ?? `the server answered ${status} with something that is no problem document`,
    remedy: body.remedy ?? 'Check the address, and what stands in front of the server.',
    retryable: body.retryable ?? (status === 429 || status === 503),
    details: body.details ?? {},
    requestId: body.requestId ?? response.headers.get('x-request-id') ?? '',
  })
}

export function unreachable(url: string, cause: unknown): MillraceError {
  const message = cause instanceof Error ? cause.message : String(cause)
  return new MillraceError(
    {
      code: 'server-unreachable',
      status: 0,
      detail: `${url} does not answer: ${message}`,
      remedy: 'Check the address and the network.',
      retryable: true,
      details: { url },
      requestId: '',
    },
    { cause },
  )
}
