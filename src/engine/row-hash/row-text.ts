import { MillraceError } from '#kernel/errors.ts'
import type { ResultColumn } from '#model/outcome.ts'
import { identifier } from '#engine/sql-text.ts'
import { parseEngineType } from '#engine/row-hash/column-type.ts'
import type { EngineType } from '#engine/row-hash/column-type.ts'

/**
 * The canonical text of a row as an SQL expression. `docs/reference/data-version.md` is its
 * specification and `reference.ts` the same in TypeScript; it is fixed: a change would make every
 * result of every dataset look changed.
 */
export function rowTextSql(dataset: string, columns: readonly ResultColumn[]): string {
  const fields = columns.map((column) => {
    const type = parseEngineType(column.type)
    const text = topLevelText(type, identifier(column.name))
    if (text === null) {
      throw new MillraceError('result-column-unusable', {
        dataset,
        column: column.name,
        type: column.type,
      })
    }
    return text
  })
  return fields.length === 0 ? `''` : `concat(${fields.join(`, ${SEPARATOR}, `)})`
}

/** True when rows with such a column can be hashed, and therefore be held by a dataset. */
export function isHashable(type: string): boolean {
  return valueTextSql(type, 'x') !== null
}

/** Text of one value by itself, NULL for NULL; null for a type that has none. */
export function valueTextSql(type: string, value: string): string | null {
  return valueText(parseEngineType(type), value, 0)
}

const SEPARATOR = `e'\\x1f,'`
const NULL_MARK = `e'\\x1f0'`

function topLevelText(type: EngineType, value: string): string | null {
  if (type.kind === 'scalar' && type.name === 'VARCHAR') {
    // CASE for each column, not for the row: DuckDB then works once per dictionary entry.
    return `CASE WHEN ${value} IS NULL THEN ${NULL_MARK} WHEN contains(${value}, e'\\x1f') THEN replace(${value}, e'\\x1f', e'\\x1fx') ELSE ${value} END`
  }
  const text = valueText(type, value, 0)
  return text === null ? null : `ifnull(${text}, ${NULL_MARK})`
}

/** Text of one value, NULL for NULL; null where the type has none. */
function valueText(type: EngineType, value: string, depth: number): string | null {
  switch (type.kind) {
    case 'scalar':
      return scalarText(type.name, value)
    case 'list': {
      if (type.item.kind === 'scalar' && type.item.name === 'VARCHAR') {
        return `to_json(${value})::VARCHAR`
      }
      const item = `i${depth}`
      const text = valueText(type.item, item, depth + 1)
      return text && `to_json(list_transform(${value}, lambda ${item}: ${text}))::VARCHAR`
    }
    case 'struct': {
      const texts = type.fields.map((field) =>
        valueText(
          field.type,
          `struct_extract(${value}, '${field.name.replaceAll("'", "''")}')`,
          depth,
        ),
      )
      if (texts.includes(null)) return null
      return `CASE WHEN ${value} IS NOT NULL THEN to_json([${texts.join(', ')}])::VARCHAR END`
    }
  }
}

function scalarText(type: string, value: string): string | null {
  switch (type) {
    case 'VARCHAR':
      return value
    case 'BOOLEAN':
    case 'TINYINT':
    case 'SMALLINT':
    case 'INTEGER':
    case 'BIGINT':
    case 'HUGEINT':
    case 'UTINYINT':
    case 'USMALLINT':
    case 'UINTEGER':
    case 'UBIGINT':
    case 'UHUGEINT':
    case 'UUID':
      return `${value}::VARCHAR`
    case 'FLOAT':
    case 'DOUBLE':
      return `CASE WHEN isnan(${value}) THEN 'nan' WHEN ${value} = 0 THEN '0' ELSE format('{:.16e}', ${value}::DOUBLE) END`
    case 'DATE':
      return `coalesce((CASE WHEN isfinite(${value}) THEN ${value} - DATE '1970-01-01' END)::VARCHAR, ${value}::VARCHAR)`
    case 'TIMESTAMP':
    case 'TIMESTAMP WITH TIME ZONE':
      return `coalesce(epoch_us(${value})::VARCHAR, ${value}::VARCHAR)`
    case 'TIME':
      return `epoch_us(${value})::VARCHAR`
    case 'BLOB':
      return `lower(hex(${value}))`
    default:
      return type.startsWith('DECIMAL(') ? `${value}::VARCHAR` : null
  }
}
