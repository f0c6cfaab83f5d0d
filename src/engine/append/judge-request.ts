import { isUtf8 } from 'node:buffer'

import type { BodyFormat } from '#model/append.ts'
import { ROW_BYTES_MAX } from '#model/append.ts'
import type { SourceDefinition } from '#model/definition.ts'
import { toMillraceError } from '#kernel/errors.ts'
import { rawNumberText } from '#kernel/exact-json.ts'
import { fieldText, isBlank, readerOf } from '#engine/append/csv-body.ts'
import { csvHeader, type RequestHeader } from '#engine/append/csv-header.ts'
import { elementsOf, NoRow, parseRow } from '#engine/append/json-rows.ts'
import {
  ListText,
  RAW_CHARS_MAX,
  Unreadable,
  type Field,
  type Place,
  type RowJudge,
} from '#engine/append/row-judge.ts'
import { faults, type RecordReader } from '#engine/convert/record-reader.ts'

/** A request whose rows are to be judged: its place in the job, its name, its unfolded body. */
export interface OpenRequest {
  readonly at: number
  readonly id: string
  readonly format: BodyFormat
  readonly body: Buffer
}

export function judgeRequest(
  source: SourceDefinition,
  judge: RowJudge,
  request: OpenRequest,
): void {
  switch (request.format) {
    case 'ndjson':
      return judgeLines(source, judge, request)
    case 'json':
      return judgeList(source, judge, request)
    case 'csv':
      return judgeRecords(source, judge, request)
  }
}

const NEWLINE = 10

function judgeLines(source: SourceDefinition, judge: RowJudge, request: OpenRequest): void {
  const { body } = request
  const fieldsOf = objectFields(source)
  let line = 0
  for (let start = body[0] === 0xef && body[1] === 0xbb ? 3 : 0; start < body.length;) {
    const newline = body.indexOf(NEWLINE, start)
    const end = newline < 0 ? body.length : newline
    const bytes = body.subarray(start, end)
    const place = { line: ++line, byteOffset: start, raw: () => rawOf(bytes) }
    start = end + 1
    if (isBlank(bytes)) continue
    judgeObject(judge, request, bytes, place, fieldsOf)
  }
}

function judgeList(source: SourceDefinition, judge: RowJudge, request: OpenRequest): void {
  const text = request.body.toString()
  const fieldsOf = objectFields(source)
  const isOne = text.trimStart().startsWith('{')
  let line = 0
  for (const [from, to] of isOne ? [[0, text.length] as const] : elementsOf(text)) {
    const bytes = Buffer.from(text.slice(from, to).trim())
    const byteOffset = Buffer.byteLength(text.slice(0, from))
    judgeObject(
      judge,
      request,
      bytes,
      { line: ++line, byteOffset, raw: () => rawOf(bytes) },
      fieldsOf,
    )
  }
}

function judgeObject(
  judge: RowJudge,
  { at, id }: OpenRequest,
  bytes: Buffer,
  place: Place,
  fieldsOf: (row: Readonly<Record<string, unknown>>) => readonly Field[] | string,
): void {
  const whole = (reason: string) => judge.hold(id, { column: null, value: null, reason }, place)
  if (bytes.length > ROW_BYTES_MAX) return whole('record-too-long')
  if (!isUtf8(bytes)) return whole('encoding')
  let row: Readonly<Record<string, unknown>>
  try {
    row = parseRow(bytes.toString())
  } catch (error) {
    if (!(error instanceof NoRow)) throw error
    return judge.hold(id, { column: null, value: error.message, reason: 'json-unreadable' }, place)
  }
  const fields = fieldsOf(row)
  if (typeof fields !== 'string') return judge.judge(at, id, fields, place)
  judge.hold(id, { column: fields, value: null, reason: 'column-unknown' }, place)
}

/** Fields of a row in the order of the declared columns; a text: a key that is none of these. */
function objectFields({ columns }: SourceDefinition) {
  const places = new Map(columns.map(({ name }, at) => [name.toLowerCase(), at]))
  return (row: Readonly<Record<string, unknown>>): readonly Field[] | string => {
    const fields: Field[] = columns.map(() => null)
    for (const key in row) {
      const at = places.get(key) ?? places.get(key.toLowerCase())
      if (at === undefined) return key
      fields[at] = fieldOf(row[key])
    }
    return fields
  }
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

/** The whole body lies in memory, so one window holds it. */
function judgeRecords(source: SourceDefinition, judge: RowJudge, request: OpenRequest): void {
  const reader = readerOf(request.body)
  const header = headerOrNull(source, reader)
  const { columns } = source
  while (reader.read()) {
    const { start, contentEnd, line } = reader
    const bytes = reader.buffer.subarray(start, contentEnd)
    const place = { line, byteOffset: start, raw: () => rawOf(bytes) }
    const hold = (reason: string) =>
      judge.hold(request.id, { column: null, value: null, reason }, place)
    if (header === null) hold('header-unusable')
    else if (reader.fault !== faults.none) hold(faultReason(reader.fault))
    else if (!isUtf8(bytes)) {
      reader.cutToFirstLine()
      hold('encoding')
    } else if (reader.fieldCount !== header.fieldCount) {
      reader.cutToFirstLine()
      hold('field-count')
    } else {
      const fields = columns.map((_column, at) => {
        const index = header.indexes[at] ?? -1
        return index < 0 ? null : fieldText(reader, index)
      })
      judge.judge(request.at, request.id, fields, place)
    }
  }
}

/** Null: the columns have changed since the request was acknowledged, and its header names others. */
function headerOrNull(source: SourceDefinition, reader: RecordReader): RequestHeader | null {
  try {
    return csvHeader(source, reader)
  } catch (error) {
    if (toMillraceError(error).code === 'append-header') return null
    throw error
  }
}

function faultReason(fault: number): string {
  if (fault === faults.stray) return 'quote-stray'
  return fault === faults.unclosed ? 'quote-unclosed' : 'record-too-long'
}

function rawOf(bytes: Buffer): string {
  return bytes.toString('utf8', 0, Math.min(bytes.length, RAW_CHARS_MAX))
}
