import { Readable } from 'node:stream'

const held = new WeakMap<Readable, Buffer>()

/** Bytes that are in memory as a stream, for whoever reads streams. */
export function streamOf(bytes: Uint8Array): Readable {
  const buffer = Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const stream = Readable.from([buffer], { objectMode: false })
  held.set(stream, buffer)
  return stream
}

/** All bytes of such a stream that nobody has begun to read; null: it is another one. */
export function bytesOf(stream: Readable): Buffer | null {
  return held.get(stream) ?? null
}
