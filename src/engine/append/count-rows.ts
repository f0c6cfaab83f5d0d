import { MillraceError } from '#kernel/errors.ts'
import type { BodyFormat } from '#model/append.ts'
import { REQUEST_ROWS_MAX } from '#model/append.ts'
import type { SourceDefinition } from '#model/definition.ts'
import { isBlank, readerOf } from '#engine/append/csv-body.ts'
import { csvHeader } from '#engine/append/csv-header.ts'

const NEWLINE = 10

/**
 * How many rows an unfolded body holds, good and bad; it is taken apart, and no cell is looked at. Throws
 * `append-unreadable` and `append-header` where the body is none of the format as a whole, and
 * `append-rows-too-many`.
 */
export function countRows(source: SourceDefinition, format: BodyFormat, body: Buffer): number {
  const rows = counted(source, format, body)
  if (rows === 0) throw unreadable(source, format, 'it holds no row')
  if (rows > REQUEST_ROWS_MAX) {
    throw new MillraceError('append-rows-too-many', { rows, max: REQUEST_ROWS_MAX })
  }
  return rows
}

function counted(source: SourceDefinition, format: BodyFormat, body: Buffer): number {
  switch (format) {
    case 'ndjson':
      return linesIn(body)
    case 'json':
      return elementsIn(source, body)
    case 'csv':
      return recordsIn(source, body)
  }
}

function linesIn(body: Buffer): number {
  let rows = 0
  for (let start = body[0] === 0xef && body[1] === 0xbb ? 3 : 0; start < body.length;) {
    const newline = body.indexOf(NEWLINE, start)
    const end = newline < 0 ? body.length : newline
    if (!isBlank(body.subarray(start, end))) rows++
    start = end + 1
  }
  return rows
}

function elementsIn(source: SourceDefinition, body: Buffer): number {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch (error) {
    const message =
      error instanceof TypeError ? 'it is not UTF-8' : String((error as Error).message)
    throw unreadable(source, 'json', message)
  }
  if (Array.isArray(value)) return value.length
  if (typeof value === 'object' && value !== null) return 1
  throw unreadable(source, 'json', 'it is neither a list of rows nor one row')
}

function recordsIn(source: SourceDefinition, body: Buffer): number {
  const reader = readerOf(body)
  const { fieldCount } = csvHeader(source, reader)
  let rows = 0
  while (reader.read()) {
    rows++
    // As the judge of rows will take it apart.
    if (reader.fault === 0 && reader.fieldCount !== fieldCount) reader.cutToFirstLine()
  }
  return rows
}

function unreadable(source: SourceDefinition, format: BodyFormat, message: string): MillraceError {
  return new MillraceError('append-unreadable', { dataset: source.name, format, message })
}
