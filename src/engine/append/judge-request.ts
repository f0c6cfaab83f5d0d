import type { BodyFormat } from '#model/append.ts'
import type { SourceDefinition } from '#model/definition.ts'
import { toMillraceError } from '#kernel/errors.ts'
import { isBlank, readerOf } from '#engine/append/csv-body.ts'
import { headerOf, namesIn, type RequestHeader } from '#engine/append/csv-header.ts'
import { elementsOf } from '#engine/append/json-rows.ts'
import { isFields, objectReader, readRecord, type ReadRow } from '#engine/append/read-row.ts'
import { RAW_CHARS_MAX, type Place, type RowJudge } from '#engine/append/row-judge.ts'
import type { RecordReader } from '#engine/convert/record-reader.ts'

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
  const read = objectReader(source)
  let line = 0
  for (let start = body[0] === 0xef && body[1] === 0xbb ? 3 : 0; start < body.length;) {
    const newline = body.indexOf(NEWLINE, start)
    const end = newline < 0 ? body.length : newline
    const bytes = body.subarray(start, end)
    const place = { line: ++line, byteOffset: start, raw: () => rawOf(bytes), header: null }
    start = end + 1
    if (!isBlank(bytes)) judgeRow(judge, request, read(bytes), place)
  }
}

function judgeList(source: SourceDefinition, judge: RowJudge, request: OpenRequest): void {
  const text = request.body.toString()
  const read = objectReader(source)
  const isOne = text.trimStart().startsWith('{')
  let line = 0
  for (const [from, to] of isOne ? [[0, text.length] as const] : elementsOf(text)) {
    const bytes = Buffer.from(text.slice(from, to).trim())
    const byteOffset = Buffer.byteLength(text.slice(0, from))
    const place = { line: ++line, byteOffset, raw: () => rawOf(bytes), header: null }
    judgeRow(judge, request, read(bytes), place)
  }
}

/** The whole body lies in memory, so one window holds it. */
function judgeRecords(source: SourceDefinition, judge: RowJudge, request: OpenRequest): void {
  const reader = readerOf(request.body)
  const names = namesOrNull(source, reader)
  const header = names && headerOrNull(source, names)
  while (reader.read()) {
    const { start, contentEnd, line } = reader
    const bytes = reader.buffer.subarray(start, contentEnd)
    const place = { line, byteOffset: start, raw: () => rawOf(bytes), header: names }
    const read = readRecord(reader, header)
    // What is left of it is read as records of their own.
    if (!isFields(read) && (read.reason === 'encoding' || read.reason === 'field-count')) {
      reader.cutToFirstLine()
    }
    judgeRow(judge, request, read, place)
  }
}

function judgeRow(judge: RowJudge, { at, id }: OpenRequest, read: ReadRow, place: Place): void {
  if (isFields(read)) judge.judge(at, id, read, place)
  else judge.hold(id, read, place)
}

function namesOrNull(source: SourceDefinition, reader: RecordReader): string[] | null {
  return orNull(() => namesIn(source, reader))
}

/** Null: the columns have changed since the request was acknowledged, and its header names others. */
export function headerOrNull(
  source: SourceDefinition,
  names: readonly string[],
): RequestHeader | null {
  return orNull(() => headerOf(source, names))
}

function orNull<Read>(read: () => Read): Read | null {
  try {
    return read()
  } catch (error) {
    if (toMillraceError(error).code === 'append-header') return null
    throw error
  }
}

function rawOf(bytes: Buffer): string {
  return bytes.toString('utf8', 0, Math.min(bytes.length, RAW_CHARS_MAX))
}
