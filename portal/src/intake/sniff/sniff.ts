import { splitRecords } from '~/intake/sniff/split-records.ts'
import { inferType, type SniffedType } from '~/intake/sniff/infer-type.ts'

export interface SniffedColumn {
  readonly name: string
  readonly type: SniffedType
  /** Of the looked-at rows. */
  readonly empty: number
  readonly examples: readonly string[]
}

export interface Sniffed {
  readonly format: 'csv' | 'ndjson' | 'json'
  /** Of CSV. */
  readonly delimiter: string | null
  /** Rows that were looked at. */
  readonly rows: number
  /** Records with another number of fields than the header. */
  readonly ragged: number
  readonly columns: readonly SniffedColumn[]
}

const EXAMPLES = 3
const EXAMPLE_LENGTH_MAX = 60
const ROWS_MAX = 2_000

/**
 * What the beginning of a file is: its form, its columns and their types. Null: it is no table of text.
 * `isWhole`: the text is all of the file; else the last record may be cut.
 */
export function sniff(text: string, isWhole: boolean): Sniffed | null {
  if (text.includes('\u0000')) return null
  const begun = text.trimStart()
  if (begun === '') return null
  if (begun.startsWith('{')) return ofObjects('ndjson', linesOf(begun, isWhole))
  if (begun.startsWith('[')) return ofObjects('json', objectsOf(begun))
  return ofCsv(text, isWhole)
}

function ofCsv(text: string, isWhole: boolean): Sniffed | null {
  const delimiter = delimiterOf(text)
  const records = splitRecords(text, delimiter, ROWS_MAX + 2)
  if (!isWhole && records.length > 2) records.pop()
  const [header, ...rows] = records
  if (!header || header.every((name) => name.trim() === '')) return null
  const names = header.map((name, at) => name.trim() || `column_${at + 1}`)
  const even = rows.filter((row) => row.length === names.length)
  return {
    format: 'csv',
    delimiter,
    rows: rows.length,
    ragged: rows.length - even.length,
    columns: names.map((name, at) =>
      columnOf(
        name,
        even.map((row) => row[at] ?? ''),
      ),
    ),
  }
}

/** That which stands most often in the first line. */
function delimiterOf(text: string): string {
  const [line = ''] = text.split(/\r?\n/, 1)
  const counts = [',', ';', '\t', '|'].map((one) => [one, line.split(one).length] as const)
  return counts.reduce((best, one) => (one[1] > best[1] ? one : best))[0]
}

function linesOf(text: string, isWhole: boolean): string[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  if (!isWhole && lines.length > 1) lines.pop()
  return lines.slice(0, ROWS_MAX)
}

/** Objects of an array, as far as the text holds them whole. */
function objectsOf(text: string): string[] {
  const found: string[] = []
  let depth = 0
  let start = -1
  let isText = false
  for (let at = 0; at < text.length && found.length < ROWS_MAX; at++) {
    const letter = text[at]
    if (isText) {
      if (letter === '\\') at += 1
      else if (letter === '"') isText = false
    } else if (letter === '"') isText = true
    else if (letter === '{') {
      if (depth === 0) start = at
      depth += 1
    } else if (letter === '}') {
      depth -= 1
      if (depth === 0) found.push(text.slice(start, at + 1))
    }
  }
  return found
}

function ofObjects(format: 'ndjson' | 'json', texts: readonly string[]): Sniffed | null {
  const rows = texts.map(parsed)
  const objects = rows.filter((row) => row !== null)
  if (objects.length === 0) return null
  const values = new Map<string, string[]>()
  for (const [at, row] of objects.entries()) {
    for (const [name, value] of Object.entries(row)) {
      const list = values.get(name) ?? Array.from<string>({ length: at }).fill('')
      list.push(value == null ? '' : typeof value === 'string' ? value : JSON.stringify(value))
      values.set(name, list)
    }
    for (const list of values.values()) if (list.length === at) list.push('')
  }
  return {
    format,
    delimiter: null,
    rows: rows.length,
    ragged: rows.length - objects.length,
    columns: Array.from(values, ([name, list]) => columnOf(name, list)),
  }
}

function parsed(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value = JSON.parse(text) as unknown
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}

function columnOf(name: string, values: readonly string[]): SniffedColumn {
  const said = values.filter((value) => value.trim() !== '')
  return {
    name,
    type: inferType(values),
    empty: values.length - said.length,
    examples: [...new Set(said)].slice(0, EXAMPLES).map(brief),
  }
}

const brief = (text: string) =>
  text.length > EXAMPLE_LENGTH_MAX ? `${text.slice(0, EXAMPLE_LENGTH_MAX)}…` : text
