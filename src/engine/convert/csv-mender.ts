import type { SourceDefinition } from '#model/definition.ts'
import type { Mends } from '#model/mend.ts'
import { isText } from '#engine/convert/byte-window.ts'
import type { CleanLines } from '#engine/convert/clean-lines.ts'
import type { Header } from '#engine/convert/header.ts'
import { Mender, type FieldText, type Verdict } from '#engine/convert/mender.ts'
import { ESCAPED, faults, RecordReader } from '#engine/convert/record-reader.ts'
import type { HeldRecords } from '#engine/subjects/held-records.ts'

/** Mends the records of a CSV file: fixes are written as its records are, in the order of its header. */
export function csvMender(parts: {
  readonly source: SourceDefinition
  readonly mends: Mends
  readonly header: Header
  readonly lines: CleanLines
  readonly held: HeldRecords | null
}): Mender {
  const { source, header } = parts
  const place = (column: string) =>
    header.declared[source.columns.findIndex(({ name }) => name === column)] ?? -1
  return new Mender({ ...parts, placeOf: place, read: (record) => readRecord(record, header) })
}

function readRecord(record: string, header: Header): FieldText[] | Verdict {
  const bytes = Buffer.from(record)
  const whole = (reason: Verdict['reason']) => ({ reason, column: null, value: null })
  if (!isText(bytes)) return whole('encoding')
  const reader = new RecordReader(bytes.length + 1)
  reader.end = bytes.copy(reader.buffer)
  reader.final = true
  if (!reader.read() || reader.fault === faults.stray) return whole('quote-stray')
  if (reader.fault !== faults.none) {
    return whole(reader.fault === faults.tooLong ? 'record-too-long' : 'quote-unclosed')
  }
  const fields = Array.from({ length: reader.fieldCount }, (_, at) => {
    const text = reader.buffer.toString('utf8', reader.fieldStart[at], reader.fieldEnd[at])
    return reader.fieldForm[at] === ESCAPED ? text.replaceAll('""', '"') : text
  })
  // A second record behind it has nowhere to go.
  return fields.length === header.fieldCount && !reader.read() ? fields : whole('field-count')
}
