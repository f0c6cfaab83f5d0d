import { dirname } from 'node:path'

import { MillraceError } from '#kernel/errors.ts'

/** What the file system said about the lake, as our own error; anything else as it is. */
export function lakeError(error: unknown, path: string): unknown {
  switch (systemCode(error) ?? '') {
    case 'ENOSPC':
    case 'EDQUOT':
      return new MillraceError('lake-full', { path }, { cause: error })
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new MillraceError(
        'lake-denied',
        {
          path,
          folder: dirname(path),
          reason: systemCode(error) === 'EROFS' ? 'the disk is read-only' : 'permission denied',
        },
        { cause: error },
      )
    case 'ENOTDIR':
    case 'EEXIST':
      return new MillraceError(
        'lake-denied',
        { path, folder: dirname(path), reason: 'a file lies where a folder is needed' },
        { cause: error },
      )
    default:
      return error
  }
}

/** Runs one step of work on a path of the lake; what the file system says becomes our own error. */
export async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw lakeError(error, path)
  }
}

export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined
}
