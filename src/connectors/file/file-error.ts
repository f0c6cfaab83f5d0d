import { MillraceError } from '#kernel/errors.ts'
import { systemCode } from '#kernel/system-code.ts'

/** What the file system said about a source, as our own error; our own errors pass. */
export function fileError(error: unknown, path: string): unknown {
  if (error instanceof MillraceError) return error
  const cause = { cause: error }
  switch (systemCode(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new MillraceError('object-missing', { location: path }, cause)
    case 'EACCES':
    case 'EPERM':
      return new MillraceError(
        'source-denied',
        {
          location: path,
          reason: 'permission denied',
          hint: 'Let the user that runs Millrace read the file and enter the folders above it.',
        },
        cause,
      )
    case 'ENAMETOOLONG':
    case 'ELOOP':
      return new MillraceError(
        'location-invalid',
        {
          location: path,
          problem:
            systemCode(error) === 'ELOOP' ? 'is a circle of links' : 'has a name that is too long',
          hint: 'Give the path of a file.',
        },
        cause,
      )
    case undefined:
    case 'ABORT_ERR':
      return error
    default:
      return new MillraceError(
        'source-unreachable',
        {
          location: path,
          tries: 1,
          reason: error instanceof Error ? error.message : String(error),
        },
        cause,
      )
  }
}
