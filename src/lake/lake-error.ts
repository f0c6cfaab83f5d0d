import { dirname } from 'node:path'

import { MillraceError } from '#kernel/errors.ts'
import { systemCode } from '#kernel/system-code.ts'

/** What the file system said about the lake, as our own error; anything else as it is. */
export function lakeError(error: unknown, path: string): unknown {
  switch (systemCode(error) ?? '') {
    case 'ENOSPC':
    case 'EDQUOT':
      return new MillraceError('lake-full', { path }, { cause: error })
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return denied(
        path,
        systemCode(error) === 'EROFS' ? 'the disk is read-only' : 'permission denied',
        error,
      )
    case 'ENOTDIR':
    case 'EEXIST':
      return denied(path, 'a file lies where a folder is needed', error)
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

function denied(path: string, reason: string, cause: unknown): MillraceError {
  const hint = `Give the user that runs Millrace the right to read and write the folder ${dirname(path)}.`
  return new MillraceError('lake-denied', { path, reason, hint }, { cause })
}
