import type { FileHandle } from 'node:fs/promises'

/** Writes all of the bytes: one write may take a part of them only, as on a disk that is nearly full. */
export async function writeAll(
  file: FileHandle,
  bytes: Uint8Array,
  position: number,
): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}
