import { MillraceError } from '#kernel/errors.ts'
import type { ResultColumn } from '#model/outcome.ts'

/** PostgreSQL's type for an engine's: each value arrives as it was. */
export function postgresType(engineType: string): string {
  const list = /^(.*)\[\]$/.exec(engineType)
  if (list?.[1] !== undefined) return `${postgresType(list[1])}[]`
  const known = types[engineType]
  if (known !== undefined) return known
  if (/^DECIMAL\(\d+,\s*\d+\)$/.test(engineType)) return engineType.replace('DECIMAL', 'numeric')
  // Structures and maps.
  return 'jsonb'
}

const types: Readonly<Record<string, string>> = {
  VARCHAR: 'text',
  BOOLEAN: 'boolean',
  TINYINT: 'smallint',
  SMALLINT: 'smallint',
  INTEGER: 'integer',
  BIGINT: 'bigint',
  UTINYINT: 'smallint',
  USMALLINT: 'integer',
  UINTEGER: 'bigint',
  UBIGINT: 'numeric(20)',
  HUGEINT: 'numeric(39)',
  UHUGEINT: 'numeric(39)',
  FLOAT: 'real',
  DOUBLE: 'double precision',
  DATE: 'date',
  TIME: 'time',
  TIMESTAMP: 'timestamp',
  'TIMESTAMP WITH TIME ZONE': 'timestamptz',
  UUID: 'uuid',
  BLOB: 'bytea',
}

/** Quoted; PostgreSQL keeps 63 bytes of a name and would drop the rest silently. */
export function identifier(name: string): string {
  if (name === '' || name.includes('\0') || Buffer.byteLength(name) > 63) {
    const message = `"${name.slice(0, 80)}" is no name that PostgreSQL can keep: 1 to 63 bytes`
    throw new MillraceError('target-refused', { place: 'postgres', message })
  }
  return `"${name.replaceAll('"', '""')}"`
}

/**
 * One row of an NDJSON file as a line of COPY's text format. The engine writes JSON with all digits,
 * so numbers are taken as they stand there.
 */
export function copyLine(
  row: Readonly<Record<string, unknown>>,
  columns: readonly ResultColumn[],
): string {
  return `${columns.map(({ name, type }) => copyField(row[name], type)).join('\t')}\n`
}

function copyField(value: unknown, type: string): string {
  if (value === null || value === undefined) return '\\N'
  if (type.endsWith('[]') && Array.isArray(value)) return escaped(arrayText(value))
  return escaped(textOf(value))
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  // Numbers that a double cannot hold write themselves as they were written.
  return JSON.stringify(value)
}

function arrayText(values: readonly unknown[]): string {
  const items = values.map((value) => {
    if (value === null) return 'NULL'
    if (Array.isArray(value)) return arrayText(value)
    return `"${textOf(value).replace(/["\\]/g, '\\$&')}"`
  })
  return `{${items.join(',')}}`
}

function escaped(text: string): string {
  if (text.includes('\0')) {
    const message = 'a text holds NUL, which PostgreSQL cannot store'
    throw new MillraceError('target-refused', { place: 'postgres', message })
  }
  return text.replace(/[\\\t\n\r]/g, (character) => escapes[character] ?? character)
}

const escapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
}
