import type { RowFormat } from '#model/row-format.ts'

const types: Readonly<Record<RowFormat, string>> = {
  json: 'application/json; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
  ndjson: 'application/x-ndjson; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
}

/** Of the file of a delivery. */
export function contentTypeOf(format: string): string {
  return types[format as RowFormat] ?? 'application/octet-stream'
}
