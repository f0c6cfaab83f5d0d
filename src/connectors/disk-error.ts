import { MillraceError } from '#kernel/errors.ts'
import { systemCode } from '#kernel/system-code.ts'

/** A full disk as our own error; anything else as it is. */
export function diskError(error: unknown, path: string): unknown {
  const code = systemCode(error)
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
