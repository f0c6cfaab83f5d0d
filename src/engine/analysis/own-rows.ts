import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import {
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBStructValue,
  DuckDBTimestampValue,
} from '@duckdb/node-api'
import type { AnalysisRow, AnalysisValue } from '#engine/analysis-context.ts'
import type { Row } from '#engine/session.ts'
import { identifier, literal } from '#engine/sql-text.ts'

/** Writes rows of JavaScript to a file and returns the SELECT that reads them under their types. */
export async function rowsSql(
  folder: string,
  columns: Readonly<Record<string, string>>,
  rows: readonly AnalysisRow[],
): Promise<string> {
  const names = Object.keys(columns)
  if (rows.length === 0) {
    const nulls = names.map((name) => `NULL::${columns[name]} AS ${identifier(name)}`)
    return `SELECT ${nulls.join(', ')} WHERE false`
  }
  const path = join(folder, 'rows.ndjson')
  const lines = Readable.from(linesOf(names, rows))
  await pipeline(lines, createWriteStream(path))
  const types = names.map((name) => `${literal(name)}: ${literal(columns[name] ?? 'VARCHAR')}`)
  return `SELECT * FROM read_json(${literal(path)}, format = 'newline_delimited', columns = {${types.join(', ')}})`
}

function* linesOf(names: readonly string[], rows: readonly AnalysisRow[]): Generator<string> {
  for (const row of rows) {
    yield `{${names.map((name) => `${JSON.stringify(name)}:${jsonOf(row[name] ?? null)}`).join(',')}}\n`
  }
}

/** JSON that keeps big integers exact. */
function jsonOf(value: AnalysisValue): string {
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Date) return JSON.stringify(value.toISOString().replace('Z', ''))
  if (Array.isArray(value)) return `[${value.map(jsonOf).join(',')}]`
  if (value !== null && typeof value === 'object') {
    const fields = Object.entries(value as Record<string, AnalysisValue>)
    return `{${fields.map(([name, inner]) => `${JSON.stringify(name)}:${jsonOf(inner)}`).join(',')}}`
  }
  return JSON.stringify(value)
}

/** A row of DuckDB as plain values: timestamps are Dates, dates and decimals are texts. */
export function toAnalysisRow(row: Row): AnalysisRow {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, toValue(value)]))
}

function toValue(value: unknown): AnalysisValue {
  if (value === undefined || value === null) return null
  if (value instanceof DuckDBListValue) return value.items.map(toValue)
  if (value instanceof DuckDBStructValue) return toAnalysisRow(value.entries)
  if (value instanceof DuckDBTimestampValue) return new Date(Number(value.micros / 1000n))
  if (value instanceof DuckDBDateValue || value instanceof DuckDBDecimalValue) {
    return value.toString()
  }
  return value as AnalysisValue
}
