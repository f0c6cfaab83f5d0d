import { MillraceError } from '#kernel/errors.ts'
import { sha256 } from '#kernel/hash.ts'
import type { LakeFile } from '#lake/lake.ts'

/** A folder that no tenant can be named after. */
const CODE = '.code'

/** Where a bundle of code lies, relative to the lake. */
export function codePath(hash: string): string {
  if (/^[0-9a-f]{64}$/.test(hash)) return `${CODE}/${hash}`
  throw new MillraceError('internal', { message: `"${hash}" is no hash of code` })
}

/** The bundle as a file of the lake; a hash that is not theirs is a bug of the caller. */
export function codeFile(hash: string, bytes: Uint8Array): LakeFile {
  const path = codePath(hash)
  if (sha256(bytes) === hash) return { path, sizeBytes: bytes.length, sha256: hash }
  throw new MillraceError('internal', {
    message: `code under ${hash} has the hash ${sha256(bytes)}`,
  })
}

/** Throws `file-damaged`. */
export function checkCode(hash: string, bytes: Uint8Array): Uint8Array {
  const found = sha256(bytes)
  if (found === hash) return bytes
  throw new MillraceError('file-damaged', {
    path: codePath(hash),
    expected: `sha256:${hash}`,
    found: `sha256:${found}`,
  })
}
