import { join } from 'node:path'

import type { SourceDefinition } from '#model/definition.ts'
import { recordHash, type Fix, type FixAction } from '#model/mend.ts'
import { readerOf } from '#engine/append/csv-body.ts'
import type { RowVerdict } from '#engine/append/held-rows.ts'
import { headerOrNull } from '#engine/append/judge-request.ts'
import { isFields, objectReader, readRecord, type ReadRow } from '#engine/append/read-row.ts'
import { RAW_CHARS_MAX, type RowJudge } from '#engine/append/row-judge.ts'
import { describe } from '#engine/result-columns.ts'
import type { Session } from '#engine/session.ts'
import { literal } from '#engine/sql-text.ts'

/** A row as a quarantine keeps it. */
interface KeptRow extends RowVerdict {
  /** The acknowledgement that it came with. */
  readonly file: string
  readonly line: number
  readonly byteOffset: number
  readonly raw: string
  /** Null: it is JSON; or it was kept before headers were. */
  readonly header: readonly string[] | null
}

/** Rows that are looked at together. */
const PAGE = 500

/** All rows of some quarantines, those of one acknowledgement after the other. */
export async function* heldRows(
  session: Session,
  paths: readonly string[],
  tempFolder: string,
): AsyncGenerator<KeptRow> {
  const all = `read_parquet([${paths.map(literal).join(', ')}], union_by_name = true)`
  const columns = await describe(session, `SELECT * FROM ${all}`)
  const header = columns.some(({ name }) => name === 'header') ? 'header' : 'NULL::VARCHAR'
  const path = join(tempFolder, 'again.parquet')
  await session.copy(
    `COPY (SELECT file, line, byte_offset, "column", value, reason, raw, ${header} AS header FROM ${all} ORDER BY file, byte_offset) TO ${literal(path)} (FORMAT parquet, COMPRESSION lz4_raw)`,
  )
  const numbered = `read_parquet(${literal(path)}, file_row_number = true)`
  for (let from = 0; ; from += PAGE) {
    const rows = await session.rows(
      `SELECT * FROM ${numbered} WHERE file_row_number >= ${from} AND file_row_number < ${from + PAGE} ORDER BY file_row_number`,
    )
    for (const row of rows) yield toKept(row)
    if (rows.length < PAGE) return
  }
}

function toKept(row: Readonly<Record<string, unknown>>): KeptRow {
  const text = (name: string) => row[name] as string | null
  const header = text('header')
  return {
    file: String(row['file']),
    line: Number(row['line']),
    byteOffset: Number(row['byte_offset']),
    column: text('column'),
    value: text('value'),
    reason: String(row['reason']),
    raw: String(row['raw']),
    header: header === null ? null : (JSON.parse(header) as string[]),
  }
}

/** Judges rows that were held back once more, each with its fix if it has one. */
export class HeldJudge {
  /** Rows about which something else is to be said than before. */
  changed = 0
  private readonly source: SourceDefinition
  private readonly fixes: ReadonlyMap<string, FixAction>
  private readonly readObject: (bytes: Buffer) => ReadRow

  constructor(source: SourceDefinition, fixes: readonly Fix[]) {
    this.source = source
    this.fixes = new Map(fixes.map(({ record, action }) => [record, action]))
    this.readObject = objectReader(source)
  }

  /** `request`: place of the row's acknowledgement among those of the job. */
  judge(judge: RowJudge, request: number, row: KeptRow): void {
    const action = this.fixes.size === 0 ? undefined : this.fixes.get(recordHash(row.raw))
    const read = this.read(row, action)
    const { file, line, byteOffset, raw, header } = row
    const place = { line, byteOffset, raw: () => raw, header }
    const before = judge.quarantined
    const left = isFields(read)
      ? judge.judge(request, file, read, place, action !== undefined)
      : judge.hold(file, read, place)
    const isSame =
      judge.quarantined > before &&
      left?.reason === row.reason &&
      left.column === row.column &&
      left.value === row.value
    if (!isSame) this.changed++
  }

  private read(row: KeptRow, action: FixAction | undefined): ReadRow {
    switch (action?.kind) {
      case 'drop':
        return { column: null, value: action.reason, reason: 'dropped' }
      case 'replace':
        return this.readText(action.record, row.header)
      case 'set': {
        const read = this.readKept(row)
        if (!isFields(read)) return read
        const { columns } = this.source
        const { values } = action
        return read.map((field, at) => {
          const name = columns[at]?.name ?? ''
          return Object.hasOwn(values, name) ? (values[name] ?? null) : field
        })
      }
      case undefined:
        return this.readKept(row)
    }
  }

  /** What is left of its text may not be all of it; then nobody can say more than was said. */
  private readKept(row: KeptRow): ReadRow {
    const { raw, header, column, value, reason } = row
    const isCut = raw.length >= RAW_CHARS_MAX
    if (isCut || raw.includes('\ufffd')) {
      const isBack = reason === 'dropped'
      if (!isBack) return { column, value, reason }
      return { column: null, value: null, reason: isCut ? 'record-too-long' : 'encoding' }
    }
    const isTold = header !== null || raw.trimStart().startsWith('{') || reason === 'dropped'
    return isTold ? this.readText(raw, header) : { column, value, reason }
  }

  /** An object, or a record under the header that its row came with. */
  private readText(text: string, header: readonly string[] | null): ReadRow {
    const bytes = Buffer.from(text)
    if (header === null || text.trimStart().startsWith('{')) return this.readObject(bytes)
    const reader = readerOf(bytes)
    if (!reader.read()) return { column: null, value: null, reason: 'field-count' }
    const read = readRecord(reader, headerOrNull(this.source, header))
    // A fix is one record.
    const isOne = !isFields(read) || !reader.read()
    return isOne ? read : { column: null, value: null, reason: 'field-count' }
  }
}
