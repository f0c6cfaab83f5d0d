import { MillraceError } from '#kernel/errors.ts'
import type { SourceDefinition } from '#model/definition.ts'
import { PARTITION_COLUMN } from '#engine/live-rows.ts'

export interface Header {
  /** As they stand, without blanks around them. */
  readonly names: readonly string[]
  /** Fields of every record. */
  readonly fieldCount: number
  /** Index of each declared column, in the order of the declaration. */
  readonly declared: readonly number[]
  /** Columns that the source does not declare; they are kept as text. */
  readonly extra: readonly { readonly name: string; readonly index: number }[]
}

/** Finds the declared columns in the first record, in any order. Names are compared without case, as SQL does. */
export function readHeader(
  source: SourceDefinition,
  location: string,
  names: readonly string[],
): Header {
  const refuse = (message: string) =>
    new MillraceError('source-header', { dataset: source.name, location, message })
  const trimmed = names.map((name) => name.trim())
  const indexes = new Map<string, number>()
  const duplicates: string[] = []
  for (const [index, name] of trimmed.entries()) {
    const key = name.toLowerCase()
    if (name !== '' && indexes.has(key)) duplicates.push(name)
    else indexes.set(key, index)
  }
  if (duplicates.length > 0) {
    throw refuse(`it names ${duplicates.map(quote).join(', ')} more than once`)
  }
  const missing = source.columns.filter(({ name }) => !indexes.has(name.toLowerCase()))
  if (missing.length > 0) {
    const found = trimmed.slice(0, 20).map(quote).join(', ')
    throw refuse(`it lacks ${missing.map(({ name }) => quote(name)).join(', ')}; it has ${found}`)
  }
  const declared = source.columns.map(({ name }) => indexes.get(name.toLowerCase()) ?? 0)
  const taken = new Set([PARTITION_COLUMN, ...source.derived.map(({ name }) => name.toLowerCase())])
  const extra = trimmed
    .map((name, index) => ({ name: name === '' ? `column_${index + 1}` : name, index }))
    .filter(({ index }) => !declared.includes(index))
  const clash = extra.find(({ name }) => taken.has(name.toLowerCase()))
  if (clash) throw refuse(`${quote(clash.name)} is the name of a column that Millrace adds itself`)
  return { names: trimmed, fieldCount: names.length, declared, extra }
}

function quote(name: string): string {
  return `"${name}"`
}
