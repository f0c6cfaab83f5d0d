import { ByteWindow } from '#engine/convert/byte-window.ts'

/** Why a record cannot be taken apart. */
export const faults = {
  none: 0,
  /** A quote inside an unquoted field, or text after a closing quote. */
  stray: 1,
  /** A quoted field that does not end, or that swallows later lines and then goes wrong. */
  unclosed: 2,
  tooLong: 3,
} as const

export type Fault = (typeof faults)[keyof typeof faults]

export const RECORD_BYTES_MAX = 1 << 20
export const FIELDS_MAX = 10_000

const NEWLINE = 10
const RETURN = 13
const QUOTE = 34
const COMMA = 44

/** How a field is written. */
export const PLAIN = 0
export const QUOTED = 1
/** Quoted, with doubled quotes inside. */
export const ESCAPED = 2

/**
 * Takes CSV (RFC 4180, LF or CRLF) apart, record by record, in a window of bytes. It is the
 * authority on what a record is. Blank lines are skipped. A record that is malformed ends with its
 * first physical line, so that one stray quote never swallows what follows.
 *
 * After `read()` returned true the fields below describe the record; offsets are within `buffer`.
 */
export class RecordReader extends ByteWindow {
  /** Physical line of the next record, from 1. */
  nextLine = 1

  start = 0
  /** End of the record without its line end. */
  contentEnd = 0
  line = 1
  fieldCount = 0
  fault: Fault = faults.none
  /** A quoted field goes over several lines. */
  multiline = false
  /** The line ends with CR LF. */
  returnEnded = false
  /** An unquoted CR lies inside, which other readers take for a line end. */
  bareReturn = false
  /** Blank lines that the last `read()` skipped, and whether one of them holds a CR. */
  blankStart = 0
  blankEnd = 0
  blankReturn = false
  /** The window's part of the rest of a line that was given up as too long. */
  skippedStart = 0
  skippedEnd = 0
  readonly fieldStart = new Int32Array(FIELDS_MAX)
  readonly fieldEnd = new Int32Array(FIELDS_MAX)
  readonly fieldForm = new Uint8Array(FIELDS_MAX)

  private skippingLine = false

  override makeRoom(): Buffer {
    this.skippedStart = 0
    this.skippedEnd = 0
    return super.makeRoom()
  }

  /** The next record; false when the window holds no further whole one. */
  read(): boolean {
    const { buffer, end } = this
    buffer[end] = NEWLINE
    if (this.skippingLine && !this.skipLine()) return false
    let i = this.next
    this.blankStart = i
    this.blankReturn = false
    for (;;) {
      const byte = buffer[i]
      if (byte === NEWLINE && i < end) i++
      else if (byte === RETURN && buffer[i + 1] === NEWLINE && i + 1 < end) {
        this.blankReturn = true
        i += 2
      } else break
      this.nextLine++
    }
    this.next = i
    this.blankEnd = i
    if (i >= end) return false
    this.start = i
    this.line = this.nextLine
    this.fault = faults.none
    this.multiline = false
    this.bareReturn = false
    return this.readFields(i)
  }

  private readFields(from: number): boolean {
    const { buffer, end, fieldStart, fieldEnd, fieldForm } = this
    let i = from
    let field = 0
    let breaks = 0
    for (;;) {
      const slot = field < FIELDS_MAX ? field : FIELDS_MAX - 1
      let byte = buffer[i] as number
      if (byte === QUOTE) {
        let form = QUOTED
        let j = i + 1
        for (;;) {
          byte = buffer[j] as number
          if (byte === QUOTE) {
            if (j + 1 >= end && !this.final) return this.needMore()
            if (buffer[j + 1] !== QUOTE || j + 1 >= end) break
            form = ESCAPED
            j += 2
          } else {
            if (byte === NEWLINE) {
              if (j >= end) return this.final ? this.endMalformed(faults.unclosed) : this.needMore()
              if (j - from > RECORD_BYTES_MAX) return this.endMalformed(faults.unclosed)
              breaks++
            }
            j++
          }
        }
        fieldStart[slot] = i + 1
        fieldEnd[slot] = j
        fieldForm[slot] = form
        i = j + 1
        byte = buffer[i] as number
      } else {
        const first = i
        for (;;) {
          while (byte > COMMA) byte = buffer[++i] as number
          if (byte === COMMA || byte === NEWLINE) break
          if (byte === QUOTE) return this.endMalformed(breaks > 0 ? faults.unclosed : faults.stray)
          if (byte === RETURN) {
            if (buffer[i + 1] === NEWLINE) break
            this.bareReturn = true
          }
          byte = buffer[++i] as number
        }
        fieldStart[slot] = first
        fieldEnd[slot] = i
        fieldForm[slot] = PLAIN
      }
      field++
      if (byte === COMMA) {
        i++
        continue
      }
      const returned = byte === RETURN && buffer[i + 1] === NEWLINE
      if (byte !== NEWLINE && !returned) {
        return this.endMalformed(breaks > 0 ? faults.unclosed : faults.stray)
      }
      const lineEnd = returned ? i + 1 : i
      if (lineEnd >= end && !this.final) return this.needMore()
      if (i - from > RECORD_BYTES_MAX) return this.endMalformed(faults.tooLong)
      this.fieldCount = field
      this.contentEnd = i
      this.returnEnded = returned
      this.bareReturn ||= returned && lineEnd >= end
      this.multiline = breaks > 0
      this.next = Math.min(lineEnd + 1, end)
      this.nextLine += breaks + 1
      return true
    }
  }

  /** Ends the record that was just read after its first line (its fields do not count up). */
  cutToFirstLine(): void {
    if (this.multiline) this.endMalformed(this.fault)
  }

  private endMalformed(fault: Fault): boolean {
    const { buffer, end, start } = this
    const newline = buffer.indexOf(NEWLINE, start)
    const lineEnd = newline < 0 || newline > end ? end : newline
    if (lineEnd >= end && !this.final) {
      if (end - start <= RECORD_BYTES_MAX) return this.needMore()
      this.skippingLine = true
    }
    this.fault = lineEnd - start > RECORD_BYTES_MAX ? faults.tooLong : fault
    this.returnEnded = lineEnd > start && buffer[lineEnd - 1] === RETURN
    this.contentEnd = this.returnEnded ? lineEnd - 1 : lineEnd
    this.multiline = false
    this.next = Math.min(lineEnd + 1, end)
    this.nextLine = this.line + 1
    return true
  }

  /** A record that does not end in this window: more bytes, unless it is too long already. */
  private needMore(): boolean {
    if (this.end - this.start > RECORD_BYTES_MAX) return this.endMalformed(faults.tooLong)
    this.next = this.start
    this.nextLine = this.line
    return false
  }

  /** Leaves the rest of a line that was given up; false while its end is not in the window. */
  private skipLine(): boolean {
    const newline = this.buffer.indexOf(NEWLINE, this.next)
    const found = newline >= 0 && newline < this.end
    this.skippedStart = this.next
    this.next = found ? newline + 1 : this.end
    this.skippedEnd = this.next
    this.skippingLine = !found
    return found
  }
}
