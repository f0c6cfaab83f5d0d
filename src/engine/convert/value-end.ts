const QUOTE = 34
const COMMA = 44
const COLON = 58
const BACKSLASH = 92
const STACK = 4096

/**
 * Finds where a value of JSON ends by its quotes and brackets alone, of any size and depth, over as
 * many windows as it takes. Whether the value is any good is not its business.
 */
export class ValueEnd {
  /** A bracket was closed by one of the other kind, or no value stands here. */
  isMismatched = false
  isAtStart = true
  private depth = 0
  private isInText = false
  private isEscaped = false
  private readonly opened = new Uint8Array(STACK)

  begin(): void {
    this.depth = 0
    this.isInText = false
    this.isEscaped = false
    this.isMismatched = false
    this.isAtStart = true
  }

  /** Behind the last byte of the value; -1: it goes on behind `end`. */
  find(buffer: Buffer, from: number, end: number): number {
    let i = from
    while (i < end) {
      const byte = buffer[i] as number
      if (this.isInText) {
        if (this.isEscaped) this.isEscaped = false
        else if (byte === BACKSLASH) this.isEscaped = true
        else if (byte === QUOTE) {
          this.isInText = false
          if (this.depth === 0) return i + 1
        }
        i++
        continue
      }
      // A number or word ends before what cannot be part of it.
      if (this.depth === 0 && !this.isAtStart && isDelimiter(byte)) return i
      if (this.isAtStart && (byte === COMMA || byte === COLON)) this.isMismatched = true
      this.isAtStart = false
      i++
      if (byte === QUOTE) this.isInText = true
      else if (byte === 91 || byte === 123) {
        if (this.depth < STACK) this.opened[this.depth] = byte
        this.depth++
      } else if (byte === 93 || byte === 125) {
        this.depth--
        if (this.depth < STACK && this.opened[this.depth] !== byte - 2) this.isMismatched = true
        if (this.depth <= 0 || this.isMismatched) return i
      }
    }
    return -1
  }
}

/** Space, quote, comma, colon, brackets. */
function isDelimiter(byte: number): boolean {
  return (
    byte <= 32 ||
    byte === QUOTE ||
    byte === COMMA ||
    byte === COLON ||
    byte === 91 ||
    byte === 93 ||
    byte === 123 ||
    byte === 125
  )
}
