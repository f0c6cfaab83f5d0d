import type { Column } from '#model/column.ts'
import { columnTypes } from '#model/column.ts'
import type { SourceDefinition } from '#model/definition.ts'
import type { ResultColumn } from '#model/outcome.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { Header } from '#engine/convert/header.ts'
import { pythonListSql } from '#engine/convert/python-list.ts'
import type { CleanCsv, Scan } from '#engine/convert/scan.ts'
import { FILLER } from '#engine/convert/working-copy.ts'
import { identifier, literal } from '#engine/sql-text.ts'

/** Columns of a converted source: declared, derived, then those that only the file has. */
export function sourceColumns(source: SourceDefinition, header: Header): ResultColumn[] {
  return [
    ...[...source.columns, ...source.derived].map((column) => ({
      name: column.name,
      type: engineType(column.type),
    })),
    ...header.extra.map(({ name }) => ({ name, type: 'VARCHAR' })),
  ]
}

/**
 * SELECT of the typed rows of a clean file, `_partition` first. Every cast is strict: the scan has
 * let through only what it reads.
 */
export function typedSelect(
  source: SourceDefinition,
  partition: PartitionKey,
  { header, clean }: Scan,
): string {
  const typed = relations(header, clean).map(({ from, text }) => {
    const declared = source.columns.map((column, at) => {
      const index = header.declared[at] ?? 0
      const value = column.type === 'text' ? text(index) : castSql(column, field(index))
      return `${value} AS ${identifier(column.name)}`
    })
    const extra = header.extra.map(({ name, index }) => `${text(index)} AS ${identifier(name)}`)
    return `SELECT ${[...declared, ...extra].join(', ')} FROM ${from}`
  })
  const derived = source.derived.map(
    (column) =>
      `(${column.expression}\n)::${engineType(column.type)} AS ${identifier(column.name)}`,
  )
  const names = [
    ...source.columns.map(({ name }) => identifier(name)),
    ...derived,
    ...header.extra.map(({ name }) => identifier(name)),
  ]
  return `SELECT ${literal(partition)} AS _partition, ${names.join(', ')} FROM (${typed.join(' UNION ALL ')})`
}

/** Where the rows lie, and what a field of text is there. */
function relations(header: Header, clean: Scan['clean']) {
  const json = (path: string) => ({ from: jsonRelation(path, header), text: field })
  if (clean.kind === 'json') return [json(clean.path)]
  const csv = { from: csvRelation(clean), text: csvText }
  return clean.mendedPath === null ? [csv] : [csv, json(clean.mendedPath)]
}

/** A SELECT without rows under the same columns. */
export function emptySelect(partition: PartitionKey, columns: readonly ResultColumn[]): string {
  const nulls = columns.map(({ name, type }) => `NULL::${type} AS ${identifier(name)}`)
  return `SELECT ${literal(partition)} AS _partition, ${nulls.join(', ')} WHERE false`
}

/** The whole dialect is given: DuckDB guesses nothing, and reads every field as text. */
function csvRelation(clean: CleanCsv): string {
  const columns = Array.from(
    { length: clean.fieldCount },
    (_, index) => `${literal(field(index))}: 'VARCHAR'`,
  )
  const read = (path: string) =>
    `FROM read_csv(${literal(path)}, auto_detect = false, header = false, delim = ',', quote = '"', escape = '"', new_line = '\\n', strict_mode = true, nullstr = ${literal(NULL_TEXT)}, max_line_size = 4194304, columns = {${columns.join(', ')}})`
  const main = `${read(clean.path)}${clean.hasFillers ? ` WHERE starts_with(f0, ${literal(String.fromCharCode(FILLER))}) IS NOT TRUE` : ''}`
  return `(${main}${clean.hasRewritten ? ` UNION ALL ${read(clean.rewrittenPath)}` : ''})`
}

/** The form is given; every line is one of ours, well under the largest that DuckDB takes. */
function jsonRelation(path: string, header: Header): string {
  const columns = Array.from(
    { length: header.fieldCount },
    (_, index) => `${literal(field(index))}: 'VARCHAR'`,
  )
  return `read_json(${literal(path)}, format = 'newline_delimited', records = true, columns = {${columns.join(', ')}})`
}

/**
 * DuckDB must have a text that it reads as NULL; the default, the empty one, would make rows of the
 * blank lines of a file with one column. Whatever was this text is given back.
 */
const NULL_TEXT = '\u001fnull\u001f'

function field(index: number): string {
  return `f${index}`
}

function csvText(index: number): string {
  return `ifnull(${field(index)}, ${literal(NULL_TEXT)})`
}

/** An empty field is NULL in every column but those of text. */
function castSql(column: Column, text: string): string {
  const value = `nullif(${text}, '')`
  return column.type === 'text[]'
    ? `CASE WHEN ${text} <> '' THEN ${pythonListSql(text)} END`
    : `${value}::${engineType(column.type)}`
}

function engineType(type: Column['type']): string {
  return type in columnTypes ? columnTypes[type as keyof typeof columnTypes] : type.toUpperCase()
}
