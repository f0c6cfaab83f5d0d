import { gunzip, gunzipSync, zstdDecompress, zstdDecompressSync } from 'node:zlib'
import { promisify } from 'node:util'

import { MillraceError } from '#kernel/errors.ts'
import { UNFOLDED_BYTES_MAX, type BodyEncoding } from '#model/append.ts'

const unzip = promisify(gunzip)
const unzstd = promisify(zstdDecompress)

const bounds = { maxOutputLength: UNFOLDED_BYTES_MAX }

/** The bytes of a body before it was compressed. Throws `append-coding` and `append-too-large`. */
export async function unfold(bytes: Buffer, encoding: BodyEncoding): Promise<Buffer> {
  try {
    if (encoding === 'gzip') return await unzip(bytes, bounds)
    return encoding === 'zstd' ? await unzstd(bytes, bounds) : withinBounds(bytes)
  } catch (thrown) {
    throw refusal(encoding, thrown)
  }
}

/** The same where nothing else waits for this thread. */
export function unfoldSync(bytes: Buffer, encoding: BodyEncoding): Buffer {
  try {
    if (encoding === 'gzip') return gunzipSync(bytes, bounds)
    return encoding === 'zstd' ? zstdDecompressSync(bytes, bounds) : withinBounds(bytes)
  } catch (thrown) {
    throw refusal(encoding, thrown)
  }
}

function withinBounds(bytes: Buffer): Buffer {
  if (bytes.length <= UNFOLDED_BYTES_MAX) return bytes
  throw new MillraceError('append-too-large', { maxBytes: UNFOLDED_BYTES_MAX })
}

function refusal(encoding: BodyEncoding, thrown: unknown): unknown {
  if (thrown instanceof MillraceError) return thrown
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
  if (code === 'ERR_BUFFER_TOO_LARGE') {
    return new MillraceError(
      'append-too-large',
      { maxBytes: UNFOLDED_BYTES_MAX },
      { cause: thrown },
    )
  }
  return new MillraceError('append-coding', { encoding, message: code }, { cause: thrown })
}
