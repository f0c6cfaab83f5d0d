import { MillraceError } from '#kernel/errors.ts'
import type { SourceDefinition } from '#model/definition.ts'
import { faults, type RecordReader } from '#engine/convert/record-reader.ts'
import { fieldText } from '#engine/append/csv-body.ts'

export interface RequestHeader {
  /** As they are written, in their order. */
  readonly names: readonly string[]
  readonly fieldCount: number
  /** Place of each declared column among the fields; -1: it is not there, and has no value. */
  readonly indexes: readonly number[]
}

/** Reads the first record. Throws `append-header`: what the header says is wrong with every row. */
export function csvHeader(source: SourceDefinition, reader: RecordReader): RequestHeader {
  return headerOf(source, namesIn(source, reader))
}

/** The fields of the first record. Throws `append-header` where it has none. */
export function namesIn(source: SourceDefinition, reader: RecordReader): string[] {
  if (!reader.read()) throw refusal(source, 'it is empty; the first line names the columns')
  if (reader.fault !== faults.none) throw refusal(source, 'its quotes do not match')
  return Array.from({ length: reader.fieldCount }, (_, at) => fieldText(reader, at).trim())
}

/** Throws `append-header`. */
export function headerOf(source: SourceDefinition, names: readonly string[]): RequestHeader {
  const refuse = (message: string) => refusal(source, message)
  const places = new Map<string, number>()
  for (const [at, name] of names.entries()) {
    if (places.has(name.toLowerCase())) throw refuse(`it names "${name}" more than once`)
    places.set(name.toLowerCase(), at)
  }
  const known = new Set(source.columns.map(({ name }) => name.toLowerCase()))
  const odd = names.find((name) => !known.has(name.toLowerCase()))
  const columns = source.columns.map(({ name }) => name)
  if (odd !== undefined) {
    throw refuse(`it names "${odd}", which is no column; these are: ${columns.join(', ')}`)
  }
  const missing = source.columns.find(
    ({ name, optional }) => optional === false && !places.has(name.toLowerCase()),
  )
  if (missing) throw refuse(`it lacks "${missing.name}", which every row needs`)
  return {
    names,
    fieldCount: names.length,
    indexes: columns.map((name) => places.get(name.toLowerCase()) ?? -1),
  }
}

function refusal({ name }: SourceDefinition, message: string): MillraceError {
  return new MillraceError('append-header', { dataset: name, message })
}
