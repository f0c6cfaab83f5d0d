import {
  MillraceError,
  toErrorData,
  type ErrorCode,
  type ErrorData,
  type ErrorDetails,
} from '#kernel/errors.ts'

/** Functions of the database store an error's code and details only; its text is made here. */
export type StoredError = ErrorData | { readonly code: ErrorCode; readonly details: ErrorDetails }

export function readError(stored: StoredError | null): ErrorData | null {
  if (stored === null || 'message' in stored) return stored
  return toErrorData(new MillraceError(stored.code, stored.details))
}
