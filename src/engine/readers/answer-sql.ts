import { DuckDBTypeId, type DuckDBType } from '@duckdb/node-api'

import type { QueryTask } from '#engine/readers/reader-protocol.ts'
import { identifier, literal } from '#engine/sql-text.ts'

export interface AnswerColumn {
  readonly name: string
  readonly type: DuckDBType
}

const formats: Record<QueryTask['format'], string> = {
  csv: 'FORMAT csv, HEADER true, USE_TMP_FILE false',
  json: 'FORMAT json, ARRAY true, USE_TMP_FILE false',
  ndjson: 'FORMAT json, USE_TMP_FILE false',
  parquet: 'FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false',
}

/** COPY of a SELECT's rows, at most `limit` of them. */
export function copySql(
  select: string,
  columns: readonly AnswerColumn[],
  { format, cells }: Pick<QueryTask, 'format' | 'cells'>,
  limit: number | null,
  toPath: string,
): string {
  const fields = columns.map(({ name, type }) => {
    const written = fieldSql(identifier(name), type, format, cells)
    const shown = format === 'csv' && cells === 'spreadsheet' ? harmless(name) : name
    return written === identifier(name) && shown === name
      ? written
      : `${written} AS ${identifier(shown)}`
  })
  const most = limit === null ? '' : ` LIMIT ${limit}`
  return `COPY (SELECT ${fields.join(', ')} FROM (${select}\n) AS answer${most}) TO ${literal(toPath)} (${formats[format]})`
}

function fieldSql(
  field: string,
  type: DuckDBType,
  format: QueryTask['format'],
  cells: QueryTask['cells'],
): string {
  switch (format) {
    case 'json':
    case 'ndjson':
      return finiteSql(field, type)
    case 'csv':
      return cells === 'spreadsheet' && type.typeId === DuckDBTypeId.VARCHAR
        ? `CASE WHEN regexp_matches(${field}, ${literal(FORMULA)}) AND NOT regexp_full_match(${field}, ${literal(NUMBER)}) THEN '''' || ${field} ELSE ${field} END`
        : field
    case 'parquet':
      // Parquet knows no 128-bit integer: DuckDB would write a DOUBLE, which rounds.
      return type.typeId === DuckDBTypeId.HUGEINT || type.typeId === DuckDBTypeId.UHUGEINT
        ? `${field}::DECIMAL(38, 0)`
        : field
  }
}

/** What spreadsheets take for the beginning of a formula, in its full-width forms, too. */
const FORMULA = '^[\\s\\x00]*[=+\\-@\\x{FF1D}\\x{FF0B}\\x{FF0D}\\x{FF20}]|^[\\t\\r\\n]'
const NUMBER = '[+-][0-9]+([.,][0-9]+)?'

function harmless(name: string): string {
  return /^[\s\0]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/.test(name) ? `'${name}` : name
}

/** JSON knows neither NaN nor infinities: they are null, at any depth. */
function finiteSql(value: string, type: DuckDBType, depth = 0): string {
  if (type.typeId === DuckDBTypeId.DOUBLE || type.typeId === DuckDBTypeId.FLOAT) {
    return `CASE WHEN isfinite(${value}) THEN ${value} END`
  }
  if (type.typeId === DuckDBTypeId.LIST || type.typeId === DuckDBTypeId.ARRAY) {
    const { valueType } = type
    const item = `item_${depth}`
    const inner = finiteSql(item, valueType, depth + 1)
    return inner === item ? value : `list_transform(${value}, lambda ${item}: ${inner})`
  }
  if (type.typeId === DuckDBTypeId.STRUCT) {
    const { entryNames, entryTypes } = type
    const entries = entryTypes.map((entryType, at) => {
      const entry = `struct_extract(${value}, ${literal(entryNames[at] ?? '')})`
      return { entry, inner: finiteSql(entry, entryType, depth + 1) }
    })
    if (entries.every(({ entry, inner }) => entry === inner)) return value
    const parts = entries.map(({ inner }, at) => `${identifier(entryNames[at] ?? '')} := ${inner}`)
    return `CASE WHEN ${value} IS NOT NULL THEN struct_pack(${parts.join(', ')}) END`
  }
  return value
}
