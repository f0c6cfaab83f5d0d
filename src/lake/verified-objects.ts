import { MillraceError } from '#kernel/errors.ts'
import type { LakeFile } from '#lake/lake.ts'
import { compareObject, damaged, isMissing, type S3Place } from '#lake/s3-objects.ts'

export interface VerifiedObjects {
  /** Throws `file-missing`, `file-damaged`. */
  verify(
    file: LakeFile,
    options: { readonly fresh?: boolean; readonly signal?: AbortSignal | undefined },
  ): Promise<void>
  /** False: what lies there after an upload is something else, or nothing. */
  confirm(file: LakeFile, crc32: string | undefined): Promise<boolean>
  forget(path: string): void
}

/**
 * Remembers which objects were compared with their hash, by path and tag; the least recently
 * compared are forgotten beyond `entriesMax`. An object without a checksum that tells is read.
 */
export function createVerifiedObjects(
  place: S3Place,
  /** Reads the whole object and compares its hash. */
  read: (file: LakeFile, signal: AbortSignal | undefined) => Promise<void>,
  entriesMax = 50_000,
): VerifiedObjects {
  const known = new Map<string, string>()

  function remember(file: LakeFile, etag: string): void {
    known.delete(file.path)
    known.set(file.path, `${etag} ${file.sha256}`)
    const [oldest] = known.keys()
    if (known.size > entriesMax && oldest !== undefined) known.delete(oldest)
  }

  async function verify(
    file: LakeFile,
    { fresh = false, signal }: { fresh?: boolean; signal?: AbortSignal | undefined },
  ): Promise<void> {
    signal?.throwIfAborted()
    const { same, etag, expected, found } = await compareObject(place, file, { signal })
    if (same === false) throw damaged(file, expected, found)
    const isKnown = known.get(file.path) === `${etag} ${file.sha256}`
    if (fresh || (same === null && !isKnown)) {
      known.delete(file.path)
      await read(file, signal)
    }
    remember(file, etag)
  }

  return {
    verify,
    async confirm(file, crc32) {
      try {
        const { same, etag } = await compareObject(place, file, { crc32 })
        if (same === false) return false
        if (same === null) await read(file, undefined)
        remember(file, etag)
        return true
      } catch (error) {
        if (isMissing(error)) return false
        if (error instanceof MillraceError && error.code === 'file-damaged') return false
        throw error
      }
    },
    forget: (path) => known.delete(path),
  }
}
