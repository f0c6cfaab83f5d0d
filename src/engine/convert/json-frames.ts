import { ByteWindow } from '#engine/convert/byte-window.ts'
import { RECORD_BYTES_MAX } from '#engine/convert/record-reader.ts'

const NEWLINE = 10
const RETURN = 13

/** Where the records of JSON begin and end in a window of bytes; what they hold is another's matter. */
export abstract class JsonFrames extends ByteWindow {
  /** Physical line of the next record, from 1. */
  nextLine = 1
  start = 0
  contentEnd = 0
  line = 1
  /** The record is over the limit; only its beginning is in the window. */
  isTooLong = false

  /** The next record, described by the fields above; false when the window holds no further whole one. */
  abstract read(): boolean
}

/** NDJSON: a record is a line (LF or CR LF). Blank lines are skipped. */
export class JsonLines extends JsonFrames {
  private isSkipping = false

  read(): boolean {
    const { buffer, end } = this
    buffer[end] = NEWLINE
    for (;;) {
      const newline = buffer.indexOf(NEWLINE, this.next)
      const isWhole = newline < end || this.final
      if (this.isSkipping) {
        this.next = Math.min(newline + 1, end)
        if (newline >= end) return false
        this.isSkipping = false
        continue
      }
      if (this.next >= end) return false
      if (!isWhole && end - this.next <= RECORD_BYTES_MAX) return false
      this.start = this.next
      this.contentEnd =
        newline > this.start && buffer[newline - 1] === RETURN ? newline - 1 : newline
      this.line = this.nextLine++
      this.next = Math.min(newline + 1, end)
      this.isSkipping = !isWhole
      this.isTooLong = this.contentEnd - this.start > RECORD_BYTES_MAX
      if (!isBlank(buffer, this.start, this.contentEnd)) return true
    }
  }
}

function isBlank(buffer: Buffer, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (!isSpace(buffer[i])) return false
  return true
}

export function isSpace(byte: number | undefined): boolean {
  return byte === 32 || byte === NEWLINE || byte === RETURN || byte === 9
}
