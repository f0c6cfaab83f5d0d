/** Types that a column can have, as a pack's author writes them. */
export const columnTypes = {
  text: 'VARCHAR',
  integer: 'BIGINT',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
  'text[]': 'VARCHAR[]',
} as const

export type ColumnType = keyof typeof columnTypes | `decimal(${number},${number})`

/** The engine's name of a type: `decimal(18,2)` → `DECIMAL(18,2)`. */
export function engineType(type: ColumnType): string {
  return type in columnTypes ? columnTypes[type as keyof typeof columnTypes] : type.toUpperCase()
}

/** A column says what it means, so that checks, charts, exports and erasure need no further words. */
export interface Column {
  readonly name: string
  readonly type: ColumnType
  readonly role?: 'time' | 'dimension' | 'measure'
  readonly unit?: string
  readonly description?: string
  /** How the text of the source is read, where the type alone does not say it. */
  readonly parse?: 'python-list'
  /** False: an empty field is a bad row. Default true. */
  readonly optional?: boolean
  /** Personal data. */
  readonly pii?: boolean
  /** Names the person, device or page that the row is about; a text says of which kind (default: the column's name). */
  readonly subject?: boolean | string
}

/** What is said about a column of a result; its type comes from the engine unless the author declares it. */
export type ColumnNote = Omit<Column, 'type'> & { readonly type?: ColumnType }
