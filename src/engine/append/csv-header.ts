import { MillraceError } from '#kernel/errors.ts'
import type { SourceDefinition } from '#model/definition.ts'
import { faults, type RecordReader } from '#engine/convert/record-reader.ts'
import { fieldText } from '#engine/append/csv-body.ts'

export interface RequestHeader {
  readonly fieldCount: number
  /** Place of each declared column among the fields; -1: it is not there, and has no value. */
  readonly indexes: readonly number[]
}

/** Reads the first record. Throws `append-header`: what the header says is wrong with every row. */
export function csvHeader(source: SourceDefinition, reader: RecordReader): RequestHeader {
  const refuse = (message: string) =>
    new MillraceError('append-header', { dataset: source.name, message })
  if (!reader.read()) throw refuse('it is empty; the first line names the columns')
  if (reader.fault !== faults.none) throw refuse('its quotes do not match')
  const names = Array.from({ length: reader.fieldCount }, (_, at) => fieldText(reader, at).trim())
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
    fieldCount: reader.fieldCount,
    indexes: columns.map((name) => places.get(name.toLowerCase()) ?? -1),
  }
}
