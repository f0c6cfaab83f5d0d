/** One field of a record that was held back. */
export interface RecordField {
  /** Null: the record has more fields than the header names. */
  readonly name: string | null
  readonly text: string
  /** The one that the reason is about. */
  readonly isFaulty: boolean
}

interface Held {
  readonly raw: string
  readonly column: string | null
  readonly value: string | null
}

/**
 * The record in fields, as far as it can be told: CSV by the names of the header, JSON by its keys.
 * Null: the text is no record of the kind, and can only be shown as it stands.
 */
export function recordFields(
  { raw, column }: Held,
  format: 'csv' | 'ndjson' | 'json',
  header: readonly string[] | null,
): readonly RecordField[] | null {
  const named =
    format === 'csv' ? (header === null ? null : csvFields(raw, header)) : jsonFields(raw)
  if (named === null) return null
  const faulty = column?.toLowerCase()
  return named.map(([name, text]) => ({
    name,
    text,
    isFaulty: faulty !== undefined && name?.toLowerCase() === faulty,
  }))
}

type Named = readonly (readonly [string | null, string])[]

function csvFields(raw: string, header: readonly string[]): Named {
  const texts = splitCsv(raw)
  const length = Math.max(texts.length, header.length)
  return Array.from({ length }, (_, at) => [header[at] ?? null, texts[at] ?? ''] as const)
}

/** Fields of one record of CSV; quotes may hold commas and line ends. */
export function splitCsv(record: string): string[] {
  const fields: string[] = []
  let field = ''
  let isQuoted = false
  for (let at = 0; at < record.length; at++) {
    const letter = record[at] as string
    if (isQuoted) {
      if (letter !== '"') field += letter
      else if (record[at + 1] === '"') {
        field += '"'
        at += 1
      } else isQuoted = false
    } else if (letter === '"' && field === '') isQuoted = true
    else if (letter === ',') {
      fields.push(field)
      field = ''
    } else if (letter !== '\r' && letter !== '\n') field += letter
  }
  return [...fields, field]
}

function jsonFields(raw: string): Named | null {
  try {
    const value = JSON.parse(raw) as unknown
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
    return Object.entries(value).map(
      ([name, inner]) => [name, typeof inner === 'string' ? inner : JSON.stringify(inner)] as const,
    )
  } catch {
    return null
  }
}
