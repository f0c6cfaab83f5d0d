import { isUtf8 } from 'node:buffer'

import { ListText, Unreadable, type Field } from '#engine/append/field.ts'
import { ROW_BYTES_MAX } from '#model/append.ts'
import type { SourceDefinition } from '#model/definition.ts'
import { rawNumberText } from '#kernel/exact-json.ts'
import { fieldText } from '#engine/append/csv-body.ts'
import type { RequestHeader } from '#engine/append/csv-header.ts'
import type { RowVerdict } from '#engine/append/held-rows.ts'
import { NoRow, parseRow } from '#engine/append/json-rows.ts'
import { faults, type RecordReader } from '#engine/convert/record-reader.ts'

/** Fields in the order of the declared columns; or why the row cannot be told into them. */
export type ReadRow = readonly Field[] | RowVerdict

export function isFields(read: ReadRow): read is readonly Field[] {
  return Array.isArray(read)
}

/** Reads rows that are objects, by their bytes. */
export function objectReader({ columns }: SourceDefinition): (bytes: Buffer) => ReadRow {
  const places = new Map(columns.map(({ name }, at) => [name.toLowerCase(), at]))
  return (bytes) => {
    if (bytes.length > ROW_BYTES_MAX) return whole('record-too-long')
    if (!isUtf8(bytes)) return whole('encoding')
    let row: Readonly<Record<string, unknown>>
    try {
      row = parseRow(bytes.toString())
    } catch (error) {
      if (!(error instanceof NoRow)) throw error
      return { column: null, value: error.message, reason: 'json-unreadable' }
    }
    const fields: Field[] = columns.map(() => null)
    for (const key in row) {
      const at = places.get(key) ?? places.get(key.toLowerCase())
      if (at === undefined) return { column: key, value: null, reason: 'column-unknown' }
      fields[at] = fieldOf(row[key])
    }
    return fields
  }
}

/** Reads the record that the reader stands on. Null: the columns have changed since its header was good. */
export function readRecord(reader: RecordReader, header: RequestHeader | null): ReadRow {
  if (header === null) return whole('header-unusable')
  if (reader.fault !== faults.none) return whole(faultReason(reader.fault))
  if (!isUtf8(reader.buffer.subarray(reader.start, reader.contentEnd))) return whole('encoding')
  if (reader.fieldCount !== header.fieldCount) return whole('field-count')
  return header.indexes.map((index) => (index < 0 ? null : fieldText(reader, index)))
}

function whole(reason: string): RowVerdict {
  return { column: null, value: null, reason }
}

function fieldOf(value: unknown): Field {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (value === null) return null
  const number = rawNumberText(value)
  if (number !== null) return number
  const items: unknown[] | null = Array.isArray(value) ? value : null
  const isTexts = items?.every(
    (item) => typeof item === 'string' && item.isWellFormed() && !item.includes('\0'),
  )
  if (items && isTexts) return new ListText(items as string[])
  return new Unreadable(JSON.stringify(value))
}

function faultReason(fault: number): string {
  if (fault === faults.stray) return 'quote-stray'
  return fault === faults.unclosed ? 'quote-unclosed' : 'record-too-long'
}
