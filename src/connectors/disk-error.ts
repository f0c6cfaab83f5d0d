import { MillraceError } from '#kernel/errors.ts'

/** A full disk as our own error; anything else as it is. */
export function diskError(error: unknown, path: string): unknown {
  const code = codeOf(error)
  return code === 'ENOSPC' || code === 'EDQUOT'
    ? new MillraceError('disk-full', { path }, { cause: error })
    : error
}

/** A fault of our own disk, told apart from all that the other system may do. */
export function localFault(error: unknown, path: string): MillraceError {
  const known = diskError(error, path)
  if (known instanceof MillraceError) return known
  return new MillraceError(
    'internal',
    { message: `writing ${path}: ${String(error)}` },
    { cause: error },
  )
}

/** The system's name for what went wrong (`ENOENT`), also from inside of a library's error. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  if ('code' in error && typeof error.code === 'string') return error.code
  return codeOf(error.cause)
}
