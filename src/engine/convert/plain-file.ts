import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { constants, copyFile, lstat, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'

import { MillraceError } from '#kernel/errors.ts'
import type { ConvertJob } from '#engine/protocol.ts'

/** Against decompression bombs: more than this many times the compressed size is refused… */
const RATIO_MAX = 200
/** …unless it is small anyway. */
const ALWAYS_ALLOWED_BYTES = 64e6
const PLAIN_BYTES_MAX = 64e9

/** The attempt's own file that is not compressed, and the hash of the original where reading it gave one for free. */
export interface PlainFile {
  readonly path: string
  readonly rawSha256: string | null
}

/**
 * gzip is recognised by its first bytes and decompressed to `toPath`. Any other file is used where
 * it lies, if it lies in one of the job's folders and is nobody else's; else it is copied.
 */
export async function openPlain(
  { rawPath, location, stagingFolder, tempFolder }: ConvertJob,
  toPath: string,
  signal: AbortSignal,
): Promise<PlainFile> {
  if (!(await isGzip(rawPath))) {
    const info = await lstat(rawPath)
    const inside = [stagingFolder, tempFolder].includes(dirname(rawPath))
    if (inside && info.isFile() && info.nlink === 1) return { path: rawPath, rawSha256: null }
    await copyFile(rawPath, toPath, constants.COPYFILE_FICLONE)
    return { path: toPath, rawSha256: null }
  }
  const { size } = await stat(rawPath)
  const limit = Math.min(PLAIN_BYTES_MAX, Math.max(ALWAYS_ALLOWED_BYTES, size * RATIO_MAX))
  const digest = createHash('sha256')
  const raw = createReadStream(rawPath, { highWaterMark: 1 << 20 })
  try {
    await pipeline(
      raw.on('data', (chunk) => digest.update(chunk)),
      createGunzip({ chunkSize: 1 << 20 }),
      bounded(limit, location),
      createWriteStream(toPath, { mode: 0o600 }),
      { signal },
    )
  } catch (error) {
    throw refusal(location, error)
  }
  return { path: toPath, rawSha256: digest.digest('hex') }
}

function bounded(limit: number, location: string): Transform {
  let total = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      total += chunk.length
      if (total <= limit) return done(null, chunk)
      const message = `its contents are over ${Math.round(limit / 1e6)} MB, ${RATIO_MAX} times its own size`
      done(new MillraceError('source-compression', { location, message }))
    },
  })
}

function refusal(location: string, thrown: unknown): unknown {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
  if (!code.startsWith('Z_')) return thrown
  const message =
    code === 'Z_BUF_ERROR' ? 'the gzip file is cut short' : `the gzip file is damaged (${code})`
  return new MillraceError('source-compression', { location, message }, { cause: thrown })
}

async function isGzip(path: string): Promise<boolean> {
  const handle = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0)
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b
  } finally {
    await handle.close()
  }
}
