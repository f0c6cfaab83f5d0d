import { closeSync, openSync, writeSync } from 'node:fs'

import type { SourceDefinition } from '#model/definition.ts'
import { isText } from '#engine/convert/byte-window.ts'
import { cellOf, type Cell } from '#engine/convert/cells.ts'
import type { JsonColumns } from '#engine/convert/json-columns.ts'
import type { JsonFrames } from '#engine/convert/json-frames.ts'
import { JsonRecord, textOf, valueKinds } from '#engine/convert/json-record.ts'
import { RAW_BYTES_MAX } from '#engine/convert/quarantine-file.ts'
import type { QuarantineFile, Reason } from '#engine/convert/quarantine-file.ts'
import { cellForms } from '#engine/convert/timestamp-text.ts'
import type { HeldRecords } from '#engine/subjects/held-records.ts'

const FLUSH_CHARS = 1 << 18

interface Verdict {
  readonly reason: Reason
  readonly column: string | null
  readonly value: string | null
}

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
  private readonly fd: number
  /** Bytes, one a character. */
  private pending = ''

  constructor(
    frames: JsonFrames,
    source: SourceDefinition,
    columns: JsonColumns,
    cleanPath: string,
    quarantine: QuarantineFile,
    held: HeldRecords | null,
  ) {
    this.frames = frames
    this.columns = columns
    this.quarantine = quarantine
    this.held = held
    this.cells = source.columns.map((column) => ({
      ...cellOf(column),
      isList: column.type === 'text[]',
    }))
    this.fd = openSync(cleanPath, 'w', 0o600)
  }

  /** Judges the whole records of the window, which begins at `base` in the file. */
  judgeWindow(base: number, suspicious: boolean): void {
    const { frames } = this
    while (frames.read()) {
      this.received++
      const verdict = this.verdict(suspicious)
      if (verdict) this.hold(base, verdict)
      else this.write()
      this.rewritten.clear()
    }
  }

  close(): void {
    this.flush()
    closeSync(this.fd)
  }

  private verdict(suspicious: boolean): Verdict | null {
    const { frames, record } = this
    const { buffer, start, contentEnd } = frames
    const whole = (reason: Reason): Verdict => ({ reason, column: null, value: null })
    if (frames.isTooLong) return whole('record-too-long')
    if (suspicious && !isText(buffer.subarray(start, contentEnd))) return whole('encoding')
    const fault = record.read(buffer, start, contentEnd)
    return fault ? whole(fault) : (this.placeFields() ?? this.judgeCells())
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
    this.pending += `${line}}\n`
    if (this.pending.length > FLUSH_CHARS) this.flush()
  }

  private hold(base: number, verdict: Verdict): void {
    const { buffer, start, contentEnd, line } = this.frames
    const raw = buffer.toString('utf8', start, Math.min(contentEnd, start + RAW_BYTES_MAX))
    if (this.held?.drops(raw, null)) return
    this.quarantine.add({ line, byteOffset: base + start, ...verdict, raw })
  }

  private flush(): void {
    const bytes = Buffer.from(this.pending, 'latin1')
    for (let at = 0; at < bytes.length;) at += writeSync(this.fd, bytes, at)
    this.pending = ''
  }
}

/** A text as its bytes in UTF-8, one a character. */
function asBytes(text: string): string {
  return Buffer.from(text).toString('latin1')
}
