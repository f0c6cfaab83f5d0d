import { open, type FileHandle } from 'node:fs/promises'

const MAGIC = 0xfd2fb528
const BLOCK_RLE = 1

export interface ZstdFrame {
  readonly start: number
  /** Exclusive. */
  readonly end: number
}

/**
 * The frames of a zstd file (RFC 8878), by their headers alone: Node decompresses one of them, and
 * says nothing about what follows it. Skippable frames are left out. A frame that is cut ends with
 * the file. A text: what is wrong with the file.
 */
export async function zstdFrames(path: string): Promise<readonly ZstdFrame[] | string> {
  const handle = await open(path, 'r')
  try {
    const { size } = await handle.stat()
    const frames: ZstdFrame[] = []
    for (let start = 0; start < size;) {
      const head = await bytesAt(handle, start, 18)
      const magic = head.length < 4 ? 0 : head.readUInt32LE(0)
      if (magic >>> 4 === 0x184d2a5 && head.length >= 8) {
        start += 8 + head.readUInt32LE(4)
        continue
      }
      if (magic !== MAGIC) return `byte ${start} begins nothing that zstd knows`
      const end = Math.min(await endOfFrame(handle, start, head), size)
      frames.push({ start, end })
      start = end
    }
    return frames
  } finally {
    await handle.close()
  }
}

/** Beyond the file's end where the frame is cut. */
async function endOfFrame(handle: FileHandle, start: number, head: Buffer): Promise<number> {
  if (head.length < 6) return Infinity
  const descriptor = head[4] as number
  const isSingleSegment = (descriptor & 0x20) !== 0
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] as number
  const contentSizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] as number
  let at = start + 5 + (isSingleSegment ? 0 : 1) + dictionaryBytes + contentSizeBytes
  for (;;) {
    const block = await bytesAt(handle, at, 3)
    if (block.length < 3) return Infinity
    const header = block.readUIntLE(0, 3)
    at += 3 + (((header >> 1) & 3) === BLOCK_RLE ? 1 : header >> 3)
    if ((header & 1) === 1) return at + ((descriptor & 4) === 0 ? 0 : 4)
  }
}

async function bytesAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position)
  return buffer.subarray(0, bytesRead)
}
