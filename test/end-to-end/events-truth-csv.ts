import { createReadStream } from 'node:fs'

/** One record of an events file that this reading accepts. */
export interface TruthEvent {
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly email: string
  readonly ip: string
  readonly tags: readonly string[]
}

export interface TruthFile {
  readonly received: number
  readonly accepted: readonly TruthEvent[]
  /** Rows by reason, named as Millrace names them. */
  readonly quarantined: ReadonlyMap<string, number>
}

const COLUMNS = ['id', 'timestamp', 'email', 'country', 'ip', 'uri', 'action', 'tags']

/** Reads one file by rules written down a second time: nothing here is shared with the engine. */
export async function readEventsFile(path: string): Promise<TruthFile> {
  const accepted: TruthEvent[] = []
  const quarantined = new Map<string, number>()
  let received = -1
  for await (const fields of recordsOf(path)) {
    received++
    if (received === 0) {
      if (fields.join() !== COLUMNS.join()) throw new Error(`${path} begins with ${fields.join()}`)
      continue
    }
    const read = readEvent(fields)
    if (typeof read === 'string') quarantined.set(read, (quarantined.get(read) ?? 0) + 1)
    else accepted.push(read)
  }
  return { received, accepted, quarantined }
}

function readEvent(fields: readonly string[]): TruthEvent | string {
  if (fields.length !== COLUMNS.length) return 'field-count'
  const [id = '', timestamp = '', email = '', , ip = '', , , list = ''] = fields
  if (timestamp === '') return 'timestamp-missing'
  const at = readTimestamp(timestamp)
  if (at === null) return 'timestamp-unreadable'
  const tags = readPythonList(list)
  if (tags === null) return 'tags-unreadable'
  return { id, at, email, ip, tags }
}

/** Records as RFC 4180 frames them, a line break inside quotes included. */
async function* recordsOf(path: string): AsyncGenerator<string[]> {
  let fields: string[] = []
  let field = ''
  let isQuoted = false
  let isAfterQuote = false
  for await (const chunk of createReadStream(path, { encoding: 'utf8' })) {
    for (const character of chunk as string) {
      if (isQuoted) {
        if (character === '"') {
          isQuoted = false
          isAfterQuote = true
        } else field += character
        continue
      }
      if (character === '"') {
        if (isAfterQuote) field += '"'
        isQuoted = true
      } else if (character === ',') {
        fields.push(field)
        field = ''
      } else if (character === '\n') {
        fields.push(field)
        if (fields.length > 1 || field !== '') yield fields
        fields = []
        field = ''
      } else if (character !== '\r') field += character
      isAfterQuote = false
    }
  }
  if (field !== '' || fields.length > 0) yield [...fields, field]
}

function readTimestamp(text: string): number | null {
  const parts =
    /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(Z|[+-]\d\d(?::?\d\d)?)?)?$/.exec(
      text,
    )
  if (!parts) return null
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone] = parts
  const midnight = Date.UTC(Number(year), Number(month) - 1, Number(day))
  if (new Date(midnight).toISOString().slice(0, 10) !== text.slice(0, 10)) return null
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null
  const [, sign, hours = '0', minutes = '0'] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone ?? '') ?? []
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1)
  const clock = ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000
  return midnight + clock + Math.floor(Number(`0.${fraction}0`) * 1000) - offset
}

/** Items of a Python list of strings as `repr` writes it; null where it is not one. */
export function readPythonList(text: string): string[] | null {
  const item = /\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*(,|\]|$)/y
  if (!text.startsWith('[') || !text.endsWith(']')) return null
  if (text.slice(1, -1).trim() === '') return []
  const items: string[] = []
  item.lastIndex = 1
  for (;;) {
    const match = item.exec(text)
    if (!match) return null
    items.push(unescapePython(match[1] ?? match[2] ?? ''))
    if (match[3] === ']') return item.lastIndex === text.length ? items : null
    if (match[3] !== ',') return null
  }
}

function unescapePython(text: string): string {
  const plain: Record<string, string> = {
    n: '\n',
    t: '\t',
    r: '\r',
    '\\': '\\',
    "'": "'",
    '"': '"',
  }
  return text.replace(
    /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.))/gi,
    (whole, x?: string, u?: string, long?: string, letter?: string) => {
      const code = x ?? u ?? long
      return code ? String.fromCodePoint(parseInt(code, 16)) : (plain[letter ?? ''] ?? whole)
    },
  )
}
