import type { SourceDefinition } from '#model/definition.ts'
import type { Mends } from '#model/mend.ts'
import { isText } from '#engine/convert/byte-window.ts'
import type { CleanLines } from '#engine/convert/clean-lines.ts'
import type { JsonColumns } from '#engine/convert/json-columns.ts'
import { JsonRecord, textOf, valueKinds } from '#engine/convert/json-record.ts'
import { Mender, type FieldText, type Verdict } from '#engine/convert/mender.ts'
import type { HeldRecords } from '#engine/subjects/held-records.ts'

/** Mends the records of a file of JSON: fixes are objects. */
export function jsonMender(parts: {
  readonly source: SourceDefinition
  readonly mends: Mends
  readonly columns: JsonColumns
  readonly lines: CleanLines
  readonly held: HeldRecords | null
}): Mender {
  const { source, columns } = parts
  return new Mender({
    ...parts,
    placeOf: (column) => Number(columns.placeOf(column)),
    keep: (place) => columns.keep(place),
    read: (record) => readRecord(record, source, columns),
  })
}

function readRecord(
  text: string,
  source: SourceDefinition,
  columns: JsonColumns,
): FieldText[] | Verdict {
  const bytes = Buffer.from(text)
  const whole = (reason: Verdict['reason'], column: string | null = null) => ({
    reason,
    column,
    value: null,
  })
  if (!isText(bytes)) return whole('encoding')
  const record = new JsonRecord()
  const fault = record.read(bytes, 0, bytes.length)
  if (fault) return whole(fault)
  const fields: FieldText[] = []
  for (let at = 0; at < record.fieldCount; at++) {
    const isEscaped = record.keyEscaped[at] === true
    const key = textOf(bytes, record.keyStart[at] ?? 0, record.keyEnd[at] ?? 0, isEscaped)
    const place = columns.placeOf(key)
    if (typeof place === 'string') return whole(place, key)
    if (fields[place] !== undefined) return whole('key-duplicate', key)
    while (fields.length < place) fields.push(null)
    const kind = record.kind[at]
    const [start = 0, end = 0] = [record.valueStart[at], record.valueEnd[at]]
    const value = textOf(bytes, start, end, kind === valueKinds.escaped)
    const isList = kind === valueKinds.array && source.columns[place]?.type === 'text[]'
    fields[place] = kind === valueKinds.null ? null : isList ? listText(value) : value
  }
  return fields
}

/** An array of texts in the form in which the cast reads lists that were rewritten. */
function listText(array: string): FieldText {
  const list = JSON.parse(array) as unknown[]
  if (!list.every((item) => typeof item === 'string')) return array
  return { ready: list.length === 0 ? '[]' : `j${JSON.stringify(list)}` }
}
