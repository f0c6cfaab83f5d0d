import { errorCatalog } from '#kernel/error-catalog.ts'
import type { ErrorEntry } from '#kernel/error-entry.ts'

export type ErrorCode = keyof typeof errorCatalog

export type ErrorDetails = Readonly<
  Record<string, string | number | boolean | null | readonly string[]>
>

/** Every error that Millrace raises on purpose. The texts live in `error-catalog.ts`. */
export class MillraceError extends Error {
  override readonly name = 'MillraceError'
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, details: ErrorDetails = {}, options?: { cause?: unknown }) {
    super(fill(errorCatalog[code].text, details), options)
    this.code = code
    this.details = details
  }

  get entry(): ErrorEntry {
    return errorCatalog[this.code]
  }

  get remedy(): string {
    return fill(this.entry.remedy, this.details)
  }
}

function fill(template: string, details: ErrorDetails): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = Object.hasOwn(details, name) ? details[name] : undefined
    return value === undefined ? whole : Array.isArray(value) ? value.join(', ') : String(value)
  })
}

/** The plain form of an error that crosses a process or HTTP boundary. */
export interface ErrorData {
  readonly code: ErrorCode
  readonly message: string
  readonly remedy: string
  readonly retryable: boolean
  readonly details: ErrorDetails
  /** Messages of the chain of causes, outermost first. */
  readonly causes: readonly string[]
}

/** Anything that was thrown, as data. What is not ours is a bug of ours until it is wrapped. */
export function toErrorData(thrown: unknown): ErrorData {
  const error = toMillraceError(thrown)
  const causes: string[] = []
  for (let cause = error.cause; cause instanceof Error && causes.length < 5; cause = cause.cause) {
    causes.push(cause.message)
  }
  return {
    code: error.code,
    message: error.message,
    remedy: error.remedy,
    retryable: error.entry.retryable,
    details: error.details,
    causes,
  }
}

export function fromErrorData(data: ErrorData): MillraceError {
  // A newer server may know codes that this program does not.
  const known = Object.hasOwn(errorCatalog, data.code)
  const chain = data.causes.reduceRight<Error | undefined>(
    (cause, message) => new Error(message, cause ? { cause } : undefined),
    undefined,
  )
  return new MillraceError(
    known ? data.code : 'internal',
    known ? data.details : { ...data.details, message: data.message },
    chain ? { cause: chain } : undefined,
  )
}

export function toMillraceError(thrown: unknown): MillraceError {
  if (thrown instanceof MillraceError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new MillraceError('internal', { message }, { cause: thrown })
}
