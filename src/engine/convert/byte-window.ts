import { isUtf8 } from 'node:buffer'
import type { FileHandle } from 'node:fs/promises'

import { MillraceError } from '#kernel/errors.ts'

export const WINDOW_BYTES = (4 << 20) + (2 << 20)

/**
 * The part of a file that is being taken apart. The byte behind `end` belongs to the reader (a
 * sentinel that stops its loops).
 */
export class ByteWindow {
  buffer: Buffer
  /** Bytes of the window that are filled; smaller than the buffer's length. */
  end = 0
  /** No bytes follow the window. */
  final = false
  /** Where the next record starts, or the first byte that is still needed. */
  next = 0

  constructor(windowBytes: number) {
    this.buffer = Buffer.allocUnsafe(windowBytes)
  }

  /** Drops what is done and returns the free part of the window, for the next bytes. */
  makeRoom(): Buffer {
    this.buffer.copyWithin(0, this.next, this.end)
    this.end -= this.next
    this.next = 0
    return this.buffer.subarray(this.end, this.buffer.length - 1)
  }
}

/** Reads until the room is full or the file ends. */
export async function fill(handle: FileHandle, room: Buffer): Promise<number> {
  let filled = 0
  while (filled < room.length) {
    const { bytesRead } = await handle.read(room, filled, Math.min(room.length - filled, 4 << 20))
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return filled
}

/** At the start of a file: steps over the mark of UTF-8; refuses what is not text in UTF-8 at all. */
export function skipMark(reader: ByteWindow, location: string): void {
  const head = reader.buffer.subarray(0, Math.min(reader.end, 4096))
  const refuse = (message: string) => new MillraceError('source-encoding', { location, message })
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) reader.next = 3
  else if (head[0] === 0xff && head[1] === 0xfe) throw refuse('it is UTF-16 (little-endian)')
  else if (head[0] === 0xfe && head[1] === 0xff) throw refuse('it is UTF-16 (big-endian)')
  const zero = head.indexOf(0)
  if (zero >= 0) throw refuse(`byte ${zero} is NUL: a binary file, or UTF-16 without a mark`)
}

/** UTF-8 without NUL. */
export function isText(bytes: Buffer): boolean {
  return isUtf8(bytes) && !bytes.includes(0)
}
