import { MillraceError } from '#kernel/errors.ts'
import { isSpace, JsonFrames } from '#engine/convert/json-frames.ts'
import { RECORD_BYTES_MAX } from '#engine/convert/record-reader.ts'
import { ValueEnd } from '#engine/convert/value-end.ts'

const NEWLINE = 10
const QUOTE = 34
const COMMA = 44
const COLON = 58
const ARRAY = 91
const ARRAY_END = 93
const OBJECT = 123
const OBJECT_END = 125

type Phase =
  /** Before the value at the place where the path has led so far. */
  | 'value'
  | 'first-key'
  | 'key'
  /** Within a value that nobody asked for. */
  | 'other'
  | 'after-member'
  | 'first-record'
  | 'record'
  /** Within the rest of a record that is too long. */
  | 'rest'
  | 'after-record'
  | 'end'

/**
 * One document of JSON: an array whose items are the records, at its top or at the end of a path of
 * keys; without a path, one object is one record. A document that is wrong outside of its records
 * throws: nobody can say where the next record would begin.
 */
export class JsonDocument extends JsonFrames {
  /** Where the window begins in the file. */
  base = 0
  private readonly location: string
  private readonly path: readonly string[]
  private phase: Phase = 'value'
  private depth = 0
  private hasFound = false
  private isSingle = false
  private readonly value = new ValueEnd()

  constructor(windowBytes: number, location: string, path: readonly string[]) {
    super(windowBytes)
    this.location = location
    this.path = path
  }

  read(): boolean {
    for (;;) {
      if (this.phase === 'other' || this.phase === 'rest') {
        if (!this.skipRest()) return false
        continue
      }
      this.skipSpaces()
      if (this.next >= this.end) {
        if (this.final && this.phase !== 'end') throw this.refusal('it is cut short')
        return false
      }
      const byte = this.buffer[this.next] as number
      if (this.phase === 'record' || (this.phase === 'first-record' && byte !== ARRAY_END)) {
        return this.readRecord()
      }
      if (!this.step(byte)) return false
    }
  }

  /** Takes one byte of the envelope, or one key; false when more bytes are needed. */
  private step(byte: number): boolean {
    const { depth, path } = this
    switch (this.phase) {
      case 'value':
        if (depth < path.length) return this.take(byte, OBJECT, 'first-key', `"${path[depth]}"`)
        if (byte === OBJECT && path.length === 0) {
          this.isSingle = true
          this.phase = 'record'
          return true
        }
        this.hasFound = true
        return this.take(byte, ARRAY, 'first-record', 'an array of records')
      case 'first-record':
        return this.take(byte, ARRAY_END, 'after-member', 'a record')
      case 'after-record':
        if (byte === COMMA) return this.take(byte, COMMA, 'record', '')
        return this.take(byte, ARRAY_END, 'after-member', 'a comma or ] after a record')
      case 'first-key':
        if (byte === OBJECT_END) return this.closeObject()
        return this.readKey()
      case 'key':
        return this.readKey()
      case 'after-member':
        if (byte === COMMA) return this.take(byte, COMMA, 'key', '')
        if (byte === OBJECT_END) return this.closeObject()
        throw this.refusal('a comma or } has to follow a value')
      case 'end':
        throw this.refusal('something follows its end: two documents in one?')
      case 'other':
      case 'rest':
      case 'record':
        // Within a value, bytes are taken by what reads values.
        return true
    }
  }

  private take(byte: number, wanted: number, phase: Phase, what: string): boolean {
    if (byte !== wanted) throw this.refusal(`${what} has to stand here`)
    this.next++
    this.phase = phase === 'after-member' && this.depth === 0 ? 'end' : phase
    if (phase === 'first-key') this.depth++
    return true
  }

  private closeObject(): boolean {
    if (!this.hasFound && this.depth <= this.path.length) {
      const place = this.path.slice(0, this.depth).join('.')
      throw this.refusal(`it has no "${place}"`)
    }
    this.next++
    this.depth--
    this.phase = this.depth === 0 ? 'end' : 'after-member'
    return true
  }

  private readKey(): boolean {
    const { buffer, next, end } = this
    if (buffer[next] !== QUOTE) throw this.refusal('a key in quotes has to stand here')
    this.value.begin()
    const keyEnd = this.value.find(buffer, next, end)
    if (keyEnd < 0) return this.needMore('a key')
    let colon = keyEnd
    while (colon < end && isSpace(buffer[colon])) colon++
    if (colon >= end) return this.needMore('a key')
    if (buffer[colon] !== COLON) throw this.refusal('a colon has to follow a key')
    const key = this.textOf(next, keyEnd)
    this.countLines(next, colon)
    this.next = colon + 1
    const isOnPath = key === this.path[this.depth - 1]
    if (isOnPath && this.hasFound) throw this.refusal(`it names "${key}" twice`)
    this.value.begin()
    this.phase = isOnPath ? 'value' : 'other'
    return true
  }

  private textOf(from: number, to: number): string {
    try {
      return String(JSON.parse(this.buffer.toString('utf8', from, to)))
    } catch {
      throw this.refusal('a key is no text')
    }
  }

  private readRecord(): boolean {
    const { buffer, next, end } = this
    const byte = buffer[next] as number
    if (byte === COMMA || byte === ARRAY_END)
      throw this.refusal('a record is missing behind a comma')
    this.start = next
    this.line = this.nextLine
    this.isTooLong = false
    this.value.begin()
    const found = this.value.find(buffer, next, end)
    if (this.value.isMismatched) throw this.refusal('its brackets do not match')
    if (found < 0 && end - next <= RECORD_BYTES_MAX) return this.needMore('a record')
    this.contentEnd = found < 0 ? end : found
    this.isTooLong = this.contentEnd - next > RECORD_BYTES_MAX
    this.countLines(next, this.contentEnd)
    this.next = this.contentEnd
    this.phase = found < 0 ? 'rest' : this.isSingle ? 'end' : 'after-record'
    return true
  }

  private skipRest(): boolean {
    if (this.phase === 'other' && this.value.isAtStart) this.skipSpaces()
    const found = this.value.find(this.buffer, this.next, this.end)
    if (this.value.isMismatched) throw this.refusal('its brackets do not match')
    const to = found < 0 ? this.end : found
    this.countLines(this.next, to)
    this.next = to
    if (found < 0) {
      if (this.final) throw this.refusal('it is cut short')
      return false
    }
    const after = this.isSingle ? 'end' : 'after-record'
    this.phase = this.phase === 'other' ? 'after-member' : after
    return true
  }

  private needMore(what: string): boolean {
    if (this.final) throw this.refusal(`it is cut short within ${what}`)
    return false
  }

  private skipSpaces(): void {
    const from = this.next
    while (this.next < this.end && isSpace(this.buffer[this.next])) this.next++
    this.countLines(from, this.next)
  }

  private countLines(from: number, to: number): void {
    for (let i = this.buffer.indexOf(NEWLINE, from); i >= 0 && i < to;) {
      this.nextLine++
      i = this.buffer.indexOf(NEWLINE, i + 1)
    }
  }

  private refusal(message: string): MillraceError {
    const { location, nextLine: line, base, next } = this
    return new MillraceError('source-json', { location, line, byte: base + next, message })
  }
}
