import type { SourceDefinition } from '#model/definition.ts'
import { isText } from '#engine/convert/byte-window.ts'
import { cellOf, type Cell } from '#engine/convert/cells.ts'
import { asBytes, type CleanLines } from '#engine/convert/clean-lines.ts'
import type { JsonColumns } from '#engine/convert/json-columns.ts'
import type { JsonFrames } from '#engine/convert/json-frames.ts'
import { JsonRecord, textOf, valueKinds } from '#engine/convert/json-record.ts'
import type { FieldText, Mender, Verdict } from '#engine/convert/mender.ts'
import { RAW_BYTES_MAX } from '#engine/convert/quarantine-file.ts'
import type { QuarantineFile, Reason } from '#engine/convert/quarantine-file.ts'
import { cellForms } from '#engine/convert/timestamp-text.ts'
import type { HeldRecords } from '#engine/subjects/held-records.ts'

interface JudgedCell extends Cell {
  readonly isList: boolean
}

/**
 * Decides for each record of JSON whether it is a row, and writes it for DuckDB: one flat object of
 * texts a line (`f0`, `f1`, … by column; NULL: no key), which the same casts as those of CSV read.
 */
export class JsonJudge {
  received = 0
  private readonly record = new JsonRecord()
  private readonly cells: readonly JudgedCell[]
  /** Field of each column in the present record, and in which record it was seen last. */
  private readonly fieldOf: number[] = []
  private readonly seenIn: number[] = []
  /** By the bytes of the key as it stands. */
  private readonly places = new Map<string, ReturnType<JsonColumns['placeOf']>>()
  private readonly rewritten = new Map<number, string>()
  private readonly frames: JsonFrames
  private readonly columns: JsonColumns
  private readonly quarantine: QuarantineFile
  private readonly held: HeldRecords | null
  private readonly lines: CleanLines
  private readonly mender: Mender | null

  constructor(
    frames: JsonFrames,
    source: SourceDefinition,
    columns: JsonColumns,
    lines: CleanLines,
    quarantine: QuarantineFile,
    held: HeldRecords | null,
    mender: Mender | null,
  ) {
    this.frames = frames
    this.columns = columns
    this.quarantine = quarantine
    this.held = held
    this.cells = source.columns.map((column) => ({
      ...cellOf(column),
      isList: column.type === 'text[]',
    }))
    this.lines = lines
    this.mender = mender
  }

  /** Judges the whole records of the window, which begins at `base` in the file. */
  judgeWindow(base: number, suspicious: boolean): void {
    const { frames } = this
    while (frames.read()) {
      this.received++
      this.judgeRecord(base, suspicious)
      this.rewritten.clear()
    }
  }

  private judgeRecord(base: number, suspicious: boolean): void {
    const fault = this.faultOf(suspicious)
    if (fault) return this.hold(base, fault, null)
    if (this.mender?.changes((place) => this.fieldAt(place))) {
      const verdict = this.mender.takeRepaired(this.fields())
      return verdict ? this.hold(base, verdict, () => this.fields()) : undefined
    }
    const verdict = this.judgeCells()
    if (verdict) this.hold(base, verdict, () => this.fields())
    else this.write()
  }

  private faultOf(suspicious: boolean): Verdict | null {
    const { frames, record } = this
    const { buffer, start, contentEnd } = frames
    const whole = (reason: Reason): Verdict => ({ reason, column: null, value: null })
    if (frames.isTooLong) return whole('record-too-long')
    if (suspicious && !isText(buffer.subarray(start, contentEnd))) return whole('encoding')
    const fault = record.read(buffer, start, contentEnd)
    return fault ? whole(fault) : this.placeFields()
  }

  private placeFields(): Verdict | null {
    const { record, fieldOf, seenIn, received, columns } = this
    for (let field = 0; field < record.fieldCount; field++) {
      const place = this.placeOf(field)
      if (typeof place === 'string') {
        return { reason: place, column: this.keyOf(field).slice(0, 200), value: null }
      }
      if (seenIn[place] === received) {
        return { reason: 'key-duplicate', column: columns.nameAt(place), value: null }
      }
      seenIn[place] = received
      fieldOf[place] = field
    }
    return null
  }

  private placeOf(field: number): ReturnType<JsonColumns['placeOf']> {
    const { keyStart, keyEnd } = this.record
    const bytes = this.frames.buffer.toString('latin1', keyStart[field], keyEnd[field])
    const known = this.places.get(bytes)
    if (known !== undefined) return known
    const place = this.columns.placeOf(this.keyOf(field))
    if (typeof place === 'number') this.places.set(bytes, place)
    return place
  }

  private keyOf(field: number): string {
    const { keyStart, keyEnd, keyEscaped } = this.record
    const [start = 0, end = 0] = [keyStart[field], keyEnd[field]]
    return textOf(this.frames.buffer, start, end, keyEscaped[field] === true)
  }

  private judgeCells(): Verdict | null {
    for (const [place, cell] of this.cells.entries()) {
      const field = this.seenIn[place] === this.received ? (this.fieldOf[place] as number) : -1
      const kind = field < 0 ? valueKinds.null : this.record.kind[field]
      const isEmpty = kind === valueKinds.text && this.sizeOf(field) === 0
      if (kind === valueKinds.null || isEmpty) {
        if (!cell.required) continue
        return { reason: `${cell.name}-missing`, column: cell.name, value: isEmpty ? '' : null }
      }
      if (!cell.form || this.isReadable(place, field, cell, cell.form)) continue
      const value = this.valueOf(field).slice(0, RAW_BYTES_MAX)
      return { reason: `${cell.name}-unreadable`, column: cell.name, value }
    }
    return null
  }

  private isReadable(
    place: number,
    field: number,
    cell: JudgedCell,
    form: NonNullable<Cell['form']>,
  ): boolean {
    const { kind, valueStart, valueEnd } = this.record
    if (kind[field] === valueKinds.array && cell.isList) return this.isListOfTexts(place, field)
    if (kind[field] === valueKinds.array || kind[field] === valueKinds.object) return false
    const isPlain = kind[field] !== valueKinds.escaped
    const bytes = isPlain ? this.frames.buffer : Buffer.from(this.valueOf(field))
    const found = isPlain
      ? form(bytes, valueStart[field] ?? 0, valueEnd[field] ?? 0)
      : form(bytes, 0, bytes.length)
    if (found === cellForms.rewrite) this.rewritten.set(place, cell.rewrite(this.valueOf(field)))
    return found !== cellForms.unreadable
  }

  private isListOfTexts(place: number, field: number): boolean {
    const list = JSON.parse(this.valueOf(field)) as unknown[]
    if (!list.every((item) => typeof item === 'string')) return false
    // The form in which the cast reads lists that were rewritten.
    this.rewritten.set(place, list.length === 0 ? '[]' : `j${JSON.stringify(list)}`)
    return true
  }

  private sizeOf(field: number): number {
    return (this.record.valueEnd[field] ?? 0) - (this.record.valueStart[field] ?? 0)
  }

  /** A text as it reads, anything else as it is written. */
  private valueOf(field: number): string {
    const { kind, valueStart, valueEnd } = this.record
    const [start = 0, end = 0] = [valueStart[field], valueEnd[field]]
    return textOf(this.frames.buffer, start, end, kind[field] === valueKinds.escaped)
  }

  private write(): void {
    const { record, columns, frames } = this
    let line = '{'
    for (let field = 0; field < record.fieldCount; field++) {
      const kind = record.kind[field]
      if (kind === valueKinds.null) continue
      const place = this.placeOf(field) as number
      columns.keep(place)
      const rewritten = this.rewritten.get(place)
      const isNested = kind === valueKinds.array || kind === valueKinds.object
      const text =
        rewritten !== undefined || isNested
          ? asBytes(JSON.stringify(rewritten ?? this.valueOf(field)))
          : `"${frames.buffer.toString('latin1', record.valueStart[field], record.valueEnd[field])}"`
      line += `${line === '{' ? '' : ','}"f${place}":${text}`
    }
    this.lines.add(`${line}}`)
  }

  private fieldAt(place: number): FieldText {
    if (this.seenIn[place] !== this.received) return null
    const field = this.fieldOf[place] as number
    const kind = this.record.kind[field]
    if (kind === valueKinds.null) return null
    const isList = kind === valueKinds.array && this.cells[place]?.isList === true
    if (isList && this.isListOfTexts(place, field))
      return { ready: this.rewritten.get(place) ?? '' }
    return this.valueOf(field)
  }

  /** By place, of a record that is told into fields. */
  private fields(): FieldText[] {
    const fields: FieldText[] = []
    for (let place = 0; place < this.seenIn.length; place++) fields.push(this.fieldAt(place))
    return fields
  }

  private hold(base: number, verdict: Verdict, fields: (() => FieldText[]) | null): void {
    const { buffer, start, contentEnd, line } = this.frames
    const raw = buffer.toString('utf8', start, Math.min(contentEnd, start + RAW_BYTES_MAX))
    if (this.held?.drops(raw, null)) return
    const row = { line, byteOffset: base + start, ...verdict, raw }
    const left = this.mender ? this.mender.fix(row, fields) : row
    if (left) this.quarantine.add(left)
  }
}
