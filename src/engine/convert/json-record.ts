import { isSpace } from '#engine/convert/json-frames.ts'

/** Why a record of JSON cannot be taken apart. */
export type JsonFault =
  | 'syntax'
  | 'comma-trailing'
  | 'number-form'
  | 'nesting'
  | 'key-duplicate'
  | 'key-forbidden'
  | 'surrogate-lone'
  | 'encoding'
  | 'not-an-object'
  | 'value-second'

export const valueKinds = {
  null: 0,
  text: 1,
  /** Text with escapes. */
  escaped: 2,
  number: 3,
  boolean: 4,
  array: 5,
  object: 6,
} as const

export type ValueKind = (typeof valueKinds)[keyof typeof valueKinds]

const NESTING_MAX = 64
const QUOTE = 34
const COMMA = 44
const COLON = 58
const BACKSLASH = 92
const ARRAY = 91
const ARRAY_END = 93
const OBJECT = 123
const OBJECT_END = 125
const words = new Map([
  [110, Buffer.from('null')],
  [116, Buffer.from('true')],
  [102, Buffer.from('false')],
])

class Fault extends Error {
  readonly reason: JsonFault

  constructor(reason: JsonFault) {
    super(reason)
    this.reason = reason
  }
}

/**
 * Takes one record, a JSON object as RFC 8259 says, apart without making values of it: numbers stay
 * the digits that they are. Beyond the RFC no object may name a key twice or have a `__proto__`,
 * texts are whole Unicode without NUL, and values are nested at most 64 deep.
 *
 * After `read` the fields of the object are described by the lists below; offsets are within the
 * buffer, those of texts without their quotes.
 */
export class JsonRecord {
  fieldCount = 0
  readonly keyStart: number[] = []
  readonly keyEnd: number[] = []
  readonly keyEscaped: boolean[] = []
  readonly kind: ValueKind[] = []
  readonly valueStart: number[] = []
  readonly valueEnd: number[] = []
  private buffer: Buffer = Buffer.alloc(0)
  private end = 0
  private at = 0
  private hasEscapes = false

  /** Null: it is an object. A fault lies in the field after the last whole one (`fieldCount`). */
  read(buffer: Buffer, start: number, end: number): JsonFault | null {
    this.buffer = buffer
    this.end = end
    this.at = start
    this.fieldCount = 0
    try {
      this.skipSpaces()
      if (buffer[this.at] !== OBJECT) {
        this.readValue(0)
        this.expectEnd()
        return 'not-an-object'
      }
      this.readFields()
      this.expectEnd()
      return null
    } catch (error) {
      if (error instanceof Fault) return error.reason
      throw error
    }
  }

  private expectEnd(): void {
    this.skipSpaces()
    if (this.at >= this.end) return
    const byte = this.peek()
    throw new Fault(byte === OBJECT || byte === ARRAY ? 'value-second' : 'syntax')
  }

  private readFields(): void {
    this.at++
    this.skipSpaces()
    if (this.peek() === OBJECT_END) return void this.at++
    for (;;) {
      const field = this.fieldCount
      this.keyStart[field] = this.at + 1
      this.readKey()
      this.keyEnd[field] = this.keyBytesEnd
      this.keyEscaped[field] = this.hasEscapes
      const valueAt = this.at
      const kind = this.readValue(1)
      const quotes = kind === valueKinds.text || kind === valueKinds.escaped ? 1 : 0
      this.kind[field] = kind
      this.valueStart[field] = valueAt + quotes
      this.valueEnd[field] = this.at - quotes
      this.fieldCount++
      if (this.closes(OBJECT_END)) return
    }
  }

  private keyBytesEnd = 0

  /** A key with its colon; what follows is its value. */
  private readKey(): void {
    if (this.peek() !== QUOTE) throw new Fault('syntax')
    this.readText()
    this.keyBytesEnd = this.at - 1
    const hasEscapes = this.hasEscapes
    this.skipSpaces()
    if (this.peek() !== COLON) throw new Fault('syntax')
    this.at++
    this.skipSpaces()
    this.hasEscapes = hasEscapes
  }

  /** After a value in an object or array: false behind a comma, true behind the closing bracket. */
  private closes(bracket: number): boolean {
    this.skipSpaces()
    const byte = this.peek()
    this.at++
    if (byte === bracket) return true
    if (byte !== COMMA) throw new Fault('syntax')
    this.skipSpaces()
    if (this.peek() === bracket) throw new Fault('comma-trailing')
    return false
  }

  private readValue(depth: number): ValueKind {
    const byte = this.peek()
    if (byte === QUOTE) {
      this.readText()
      return this.hasEscapes ? valueKinds.escaped : valueKinds.text
    }
    if (byte === OBJECT || byte === ARRAY) {
      if (depth >= NESTING_MAX) throw new Fault('nesting')
      if (byte === OBJECT) this.readObject(depth)
      else this.readArray(depth)
      return byte === OBJECT ? valueKinds.object : valueKinds.array
    }
    const word = words.get(byte)
    const wordEnd = this.at + (word?.length ?? 0)
    if (word && wordEnd <= this.end && word.compare(this.buffer, this.at, wordEnd) === 0) {
      this.at = wordEnd
      return byte === 110 ? valueKinds.null : valueKinds.boolean
    }
    this.readNumber()
    return valueKinds.number
  }

  private readArray(depth: number): void {
    this.at++
    this.skipSpaces()
    if (this.peek() === ARRAY_END) return void this.at++
    do this.readValue(depth + 1)
    while (!this.closes(ARRAY_END))
  }

  private readObject(depth: number): void {
    const keys = new Set<string>()
    this.at++
    this.skipSpaces()
    if (this.peek() === OBJECT_END) return void this.at++
    do {
      const start = this.at
      this.readKey()
      const key = textOf(this.buffer, start + 1, this.keyBytesEnd, this.hasEscapes)
      if (key === '__proto__') throw new Fault('key-forbidden')
      if (keys.has(key)) throw new Fault('key-duplicate')
      keys.add(key)
      this.readValue(depth + 1)
    } while (!this.closes(OBJECT_END))
  }

  private readNumber(): void {
    const { buffer } = this
    let i = this.at
    if (buffer[i] === 45) i++
    const first = i
    while (isDigit(buffer[i])) i++
    const digits = i - first
    let isGood = digits > 0 && i <= this.end && (digits === 1 || buffer[first] !== 48)
    if (buffer[i] === 46) {
      const fraction = ++i
      while (isDigit(buffer[i])) i++
      isGood &&= i > fraction
    }
    if (buffer[i] === 101 || buffer[i] === 69) {
      i++
      if (buffer[i] === 43 || buffer[i] === 45) i++
      const exponent = i
      while (isDigit(buffer[i])) i++
      isGood &&= i > exponent
    }
    if (isGood && i <= this.end && !isWordByte(buffer[i], i < this.end)) {
      this.at = i
      return
    }
    // NaN, Infinity, +1, .5, 1., 01, 0x1f: meant as numbers.
    const word = buffer.toString('latin1', this.at, Math.min(this.end, this.at + 40))
    throw new Fault(/^([+-]?(nan|inf)|[+-]?\.?\d|[+-])/i.test(word) ? 'number-form' : 'syntax')
  }

  /** A text in quotes, which `at` points at; steps behind it. */
  private readText(): void {
    const { buffer, end } = this
    this.hasEscapes = false
    let i = this.at + 1
    for (;;) {
      const byte = i < end ? (buffer[i] as number) : 0
      if (byte === QUOTE) break
      if (byte < 32) throw new Fault('syntax')
      if (byte !== BACKSLASH) {
        i++
        continue
      }
      this.hasEscapes = true
      i = this.readEscape(i)
    }
    this.at = i + 1
  }

  private readEscape(at: number): number {
    const { buffer } = this
    const kind = at + 1 < this.end ? (buffer[at + 1] as number) : 0
    if (kind !== 117) {
      if (!ESCAPES.includes(kind)) throw new Fault('syntax')
      return at + 2
    }
    const unit = this.hexUnit(at + 2)
    if (unit === 0) throw new Fault('encoding')
    if (unit < 0xd800 || unit > 0xdfff) return at + 6
    const isPair =
      unit < 0xdc00 && at + 11 < this.end && buffer[at + 6] === BACKSLASH && buffer[at + 7] === 117
    const low = isPair ? this.hexUnit(at + 8) : 0
    if (low < 0xdc00 || low > 0xdfff) throw new Fault('surrogate-lone')
    return at + 12
  }

  private hexUnit(at: number): number {
    const hex = at + 4 <= this.end ? this.buffer.toString('latin1', at, at + 4) : ''
    if (!/^[0-9a-fA-F]{4}$/.test(hex)) throw new Fault('syntax')
    return Number.parseInt(hex, 16)
  }

  private skipSpaces(): void {
    const { buffer, end } = this
    let i = this.at
    while (i < end && isSpace(buffer[i])) i++
    this.at = i
  }

  private peek(): number {
    return this.at < this.end ? (this.buffer[this.at] as number) : 0
  }
}

/** A text of a record that was read without a fault, from behind its opening quote to its closing one. */
export function textOf(buffer: Buffer, start: number, end: number, isEscaped: boolean): string {
  const text = buffer.toString('utf8', start, end)
  return isEscaped ? String(JSON.parse(`"${text}"`)) : text
}

/** What may follow a backslash, besides u. */
const ESCAPES = [...Buffer.from('"\\/bfnrt')]

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 48 && byte <= 57
}

/** Letters, digits, dot, sign: a number does not end before them. */
function isWordByte(byte: number | undefined, isInside: boolean): boolean {
  if (!isInside || byte === undefined) return false
  return (
    byte === 46 ||
    byte === 43 ||
    byte === 45 ||
    byte === 95 ||
    isDigit(byte) ||
    ((byte | 32) >= 97 && (byte | 32) <= 122)
  )
}
