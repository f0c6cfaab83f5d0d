import { createHash } from 'node:crypto'
import { open, stat } from 'node:fs/promises'

import { MillraceError } from '#kernel/errors.ts'
import { systemCode } from '#kernel/system-code.ts'
import type { LakeFile } from '#lake/lake.ts'
import { lakeError } from '#lake/lake-error.ts'
import { orAborted } from '#lake/shared-work.ts'

const CHUNK_BYTES = 1024 * 1024

export interface VerifiedFiles {
  verify(file: LakeFile, path: string, options?: VerifyOptions): Promise<void>
  /** The caller vouches for the bytes: it hashed them itself just now. */
  trust(file: LakeFile, path: string): Promise<void>
  forget(path: string): void
}

export interface VerifyOptions {
  readonly fresh?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Remembers which local files were compared with their hash, by path, size, time and inode; the
 * least recently used are forgotten beyond `entriesMax`. Several callers at once share one reading.
 */
export function createVerifiedFiles(entriesMax = 50_000): VerifiedFiles {
  const known = new Map<string, { readonly identity: string; readonly sha256: string }>()
  const reading = new Map<string, Promise<void>>()

  function remember(path: string, entry: { identity: string; sha256: string }): void {
    known.delete(path)
    known.set(path, entry)
    const [oldest] = known.keys()
    if (known.size > entriesMax && oldest !== undefined) known.delete(oldest)
  }

  async function read(file: LakeFile, path: string): Promise<void> {
    const before = await identify(file, path)
    const found = await onLakeFile(file, path, () => hashFile(path))
    if (found !== file.sha256) throw damaged(file, `sha256:${file.sha256}`, `sha256:${found}`)
    // Written to while it was read: what was compared is not what lies there now.
    if ((await identify(file, path)) !== before) {
      throw damaged(file, `sha256:${file.sha256}`, 'a file that is being written')
    }
    remember(path, { identity: before, sha256: found })
  }

  return {
    async verify(file, path, { fresh = false, signal } = {}) {
      signal?.throwIfAborted()
      const entry = known.get(path)
      if (!fresh && entry?.sha256 === file.sha256) {
        if ((await identify(file, path)) === entry.identity) return remember(path, entry)
      }
      // A reading that others wait for as well does not end with one caller's signal.
      const key = `${path}\0${file.sha256}`
      let shared = fresh ? undefined : reading.get(key)
      if (!shared) {
        known.delete(path)
        shared = read(file, path).finally(() => reading.delete(key))
        if (!fresh) reading.set(key, shared)
      }
      await (signal ? orAborted(shared, signal) : shared)
    },
    async trust(file, path) {
      remember(path, { identity: await identify(file, path), sha256: file.sha256 })
    },
    forget: (path) => known.delete(path),
  }
}

/** SHA-256 of a file's bytes, in lower-case hexadecimal. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  const handle = await open(path, 'r')
  try {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length)
      if (bytesRead === 0) return hash.digest('hex')
      hash.update(buffer.subarray(0, bytesRead))
    }
  } finally {
    await handle.close()
  }
}

/** Throws `file-missing`, and `file-damaged` when already the size is wrong. */
async function identify(file: LakeFile, path: string): Promise<string> {
  const { size, mtimeNs, ino } = await onLakeFile(file, path, () => stat(path, { bigint: true }))
  if (Number(size) === file.sizeBytes) return `${size}-${mtimeNs}-${ino}`
  throw damaged(file, `${file.sizeBytes} bytes`, `${size} bytes`)
}

async function onLakeFile<T>(file: LakeFile, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const code = systemCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new MillraceError('file-missing', { path: file.path }, { cause: error })
    }
    if (code === 'EIO')
      throw damaged(file, `sha256:${file.sha256}`, 'a part that the disk cannot read')
    throw lakeError(error, path)
  }
}

function damaged(file: LakeFile, expected: string, found: string): MillraceError {
  return new MillraceError('file-damaged', { path: file.path, expected, found })
}
