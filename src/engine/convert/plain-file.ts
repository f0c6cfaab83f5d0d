import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, type ReadStream } from 'node:fs'
import { constants, copyFile, lstat, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { constants as zlib, createGunzip, createZstdDecompress } from 'node:zlib'

import { MillraceError } from '#kernel/errors.ts'
import { zstdFrames } from '#engine/convert/zstd-frames.ts'
import type { ConvertJob } from '#engine/protocol.ts'

/** Against decompression bombs: more than this many times the compressed size is refused… */
const RATIO_MAX = 200
/** …unless it is small anyway. */
const ALWAYS_ALLOWED_BYTES = 64e6
const PLAIN_BYTES_MAX = 64e9
/** Power of two of the most that a zstd file may ask to be remembered: 128 MiB. */
const ZSTD_WINDOW_LOG_MAX = 27
const CHUNK_BYTES = 1 << 20

const magics = { gzip: [0x1f, 0x8b], zstd: [0x28, 0xb5, 0x2f, 0xfd] } as const
type Compression = keyof typeof magics

/** The attempt's own file that is not compressed, and the hash of the original where reading it gave one for free. */
export interface PlainFile {
  readonly path: string
  readonly rawSha256: string | null
}

/**
 * gzip and zstd are recognised by their first bytes and decompressed to `toPath`. Any other file is
 * used where it lies, if it lies in one of the job's folders and is nobody else's; else it is copied.
 */
export async function openPlain(
  { rawPath, location, stagingFolder, tempFolder }: ConvertJob,
  toPath: string,
  signal: AbortSignal,
): Promise<PlainFile> {
  const name = await compressionOf(rawPath)
  if (!name) {
    const info = await lstat(rawPath)
    const inside = [stagingFolder, tempFolder].includes(dirname(rawPath))
    if (inside && info.isFile() && info.nlink === 1) return { path: rawPath, rawSha256: null }
    await copyFile(rawPath, toPath, constants.COPYFILE_FICLONE)
    return { path: toPath, rawSha256: null }
  }
  const { size } = await stat(rawPath)
  const limit = Math.min(PLAIN_BYTES_MAX, Math.max(ALWAYS_ALLOWED_BYTES, size * RATIO_MAX))
  const digest = createHash('sha256')
  const bound = bounded(limit, location)
  const out = createWriteStream(toPath, { mode: 0o600 })
  try {
    const decompressed = decompress(rawPath, name, location, (chunk) => digest.update(chunk))
    await pipeline(decompressed, bound, out, { signal })
  } catch (error) {
    throw refusal(location, name, error)
  }
  return { path: toPath, rawSha256: digest.digest('hex') }
}

async function* decompress(
  path: string,
  name: Compression,
  location: string,
  onRaw: (chunk: Buffer | string) => void,
): AsyncGenerator<Buffer> {
  const frames = name === 'zstd' ? await zstdFrames(path) : [{ start: 0, end: Infinity }]
  if (typeof frames === 'string') {
    throw new MillraceError('source-compression', { location, message: frames })
  }
  let hashed = 0
  for (const { start, end } of [...frames, { start: Infinity, end: Infinity }]) {
    // Between frames, and behind the last, there may be some that hold no data.
    if (start > hashed) for await (const chunk of bytesOf(path, hashed, start)) onRaw(chunk)
    if (start === Infinity) return
    const raw = bytesOf(path, start, end)
    raw.on('data', onRaw)
    const plain = name === 'gzip' ? createGunzip({ chunkSize: CHUNK_BYTES }) : openZstd()
    raw.once('error', (error) => plain.destroy(error))
    raw.pipe(plain)
    try {
      yield* plain as AsyncIterable<Buffer>
    } finally {
      raw.destroy()
    }
    hashed = end
  }
}

function bytesOf(path: string, start: number, end: number): ReadStream {
  return createReadStream(path, { start, end: end - 1, highWaterMark: CHUNK_BYTES })
}

function openZstd() {
  const params = { [zlib.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG_MAX }
  return createZstdDecompress({ chunkSize: CHUNK_BYTES, params })
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

function refusal(location: string, name: string, thrown: unknown): unknown {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
  if (!code.startsWith('Z_') && !code.startsWith('ZSTD_')) return thrown
  const message =
    code === 'Z_BUF_ERROR'
      ? `the ${name} file is cut short`
      : `the ${name} file is damaged (${code})`
  return new MillraceError('source-compression', { location, message }, { cause: thrown })
}

async function compressionOf(path: string): Promise<Compression | undefined> {
  const handle = await open(path, 'r')
  try {
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0)
    const names = Object.keys(magics) as Compression[]
    return names.find((name) => magics[name].every((byte, at) => buffer[at] === byte))
  } finally {
    await handle.close()
  }
}
