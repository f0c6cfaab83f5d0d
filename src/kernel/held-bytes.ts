import { Readable } from 'node:stream'

class HeldBytes extends Readable {
  readonly bytes: Buffer

  constructor(bytes: Buffer) {
    super()
    this.bytes = bytes
  }

  override _read(): void {
    this.push(this.bytes)
    this.push(null)
  }
}

/** Bytes that are in memory as a stream, for whoever reads streams. */
export function streamOf(bytes: Uint8Array): Readable {
  return new HeldBytes(
    Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  )
}

/** All bytes of such a stream that nobody has begun to read; null: it is another one. */
export function bytesOf(stream: Readable): Buffer | null {
  return stream instanceof HeldBytes ? stream.bytes : null
}
