import type { SourceDefinition } from '#model/definition.ts'
import { isText } from '#engine/convert/byte-window.ts'
import { cellOf } from '#engine/convert/cells.ts'
import type { Cell } from '#engine/convert/cells.ts'
import type { Header } from '#engine/convert/header.ts'
import { RAW_BYTES_MAX } from '#engine/convert/quarantine-file.ts'
import type { Mender, Verdict } from '#engine/convert/mender.ts'
import type { QuarantineFile } from '#engine/convert/quarantine-file.ts'
import { ESCAPED, faults } from '#engine/convert/record-reader.ts'
import type { RecordReader } from '#engine/convert/record-reader.ts'
import { cellForms } from '#engine/convert/timestamp-text.ts'
import type { CellForm } from '#engine/convert/timestamp-text.ts'
import { FILLER } from '#engine/convert/working-copy.ts'
import type { HeldRecords } from '#engine/subjects/held-records.ts'
import type { WorkingCopy } from '#engine/convert/working-copy.ts'

interface PlacedCell extends Cell {
  readonly index: number
}

/**
 * Decides for each record: good as it stands, good once it is written in another way, or held back;
 * and acts on it. A good record that stands as it is needs nothing.
 */
export class RecordJudge {
  received = 0
  private readonly reader: RecordReader
  private readonly cells: readonly PlacedCell[]
  private readonly fieldCount: number
  private readonly copy: WorkingCopy
  private readonly quarantine: QuarantineFile
  private readonly held: HeldRecords | null
  private readonly mender: Mender | null
  private readonly returnEnded: boolean
  private readonly rewritten = new Map<number, string>()

  /** `returnEnded`: the lines of the file end with CR LF, as its header does. `held`: whom nothing is kept about. */
  constructor(
    reader: RecordReader,
    returnEnded: boolean,
    source: SourceDefinition,
    header: Header,
    copy: WorkingCopy,
    quarantine: QuarantineFile,
    held: HeldRecords | null,
    mender: Mender | null,
  ) {
    this.reader = reader
    this.returnEnded = returnEnded
    this.fieldCount = header.fieldCount
    this.copy = copy
    this.quarantine = quarantine
    this.held = held
    this.mender = mender
    this.cells = source.columns
      .map((column, at) => ({ ...cellOf(column), index: header.declared[at] ?? 0 }))
      .filter((cell) => cell.required || cell.form)
  }

  /**
   * Judges the whole records of the window, which begins at `base` in the file.
   * `suspicious`: it holds bytes that are not UTF-8, or NUL, somewhere.
   */
  judgeWindow(base: number, suspicious: boolean): void {
    const { reader, copy } = this
    while (reader.read()) {
      if (reader.blankEnd > reader.blankStart) copy.remove(reader.blankStart, reader.blankEnd)
      this.received++
      const form = this.judge(base, suspicious)
      if (form === cellForms.rewrite) copy.rewrite(this.rewriteRecord())
      if (form !== cellForms.plain) copy.remove(reader.start, reader.next)
      else if (reader.returnEnded) copy.replaceReturn(reader.contentEnd)
    }
    if (reader.blankEnd > reader.blankStart) copy.remove(reader.blankStart, reader.blankEnd)
    if (reader.skippedEnd > 0) copy.remove(reader.skippedStart, reader.skippedEnd)
    copy.flush(reader.buffer, base)
  }

  private judge(base: number, suspicious: boolean): CellForm {
    const { reader } = this
    if (reader.fault !== faults.none) return this.hold(base, this.faultVerdict())
    const isBad = suspicious && !isText(reader.buffer.subarray(reader.start, reader.contentEnd))
    // Before what is left of it is read as records of their own.
    if (
      (isBad || reader.fieldCount !== this.fieldCount) &&
      this.held?.drops(this.rawText(), null)
    ) {
      return cellForms.unreadable
    }
    if (isBad) {
      const field = this.fieldWithBadBytes()
      reader.cutToFirstLine()
      return this.hold(base, { reason: 'encoding', column: field, value: null })
    }
    if (reader.fieldCount !== this.fieldCount) {
      reader.cutToFirstLine()
      return this.hold(base, { reason: 'field-count', column: null, value: null })
    }
    if (this.mender?.changes((index) => this.fieldText(index))) {
      const verdict = this.mender.takeRepaired(this.fieldTexts())
      return verdict ? this.hold(base, verdict) : cellForms.unreadable
    }
    // What DuckDB would take for something else: another line end, or a filler.
    let odd =
      reader.bareReturn ||
      reader.returnEnded !== this.returnEnded ||
      reader.buffer[reader.fieldStart[0] as number] === FILLER
    for (const cell of this.cells) {
      const start = reader.fieldStart[cell.index] as number
      const end = reader.fieldEnd[cell.index] as number
      if (start === end) {
        if (cell.required) return this.hold(base, this.cellVerdict(cell, 'missing'))
        continue
      }
      if (!cell.form) continue
      const form =
        reader.fieldForm[cell.index] === ESCAPED
          ? this.escapedForm(cell)
          : cell.form(reader.buffer, start, end)
      if (form === cellForms.plain) continue
      if (form === cellForms.unreadable)
        return this.hold(base, this.cellVerdict(cell, 'unreadable'))
      this.rewritten.set(cell.index, cell.rewrite(this.fieldText(cell.index)))
      odd = true
    }
    return odd ? cellForms.rewrite : cellForms.plain
  }

  private escapedForm(cell: PlacedCell): CellForm {
    const text = Buffer.from(this.fieldText(cell.index))
    return cell.form?.(text, 0, text.length) ?? cellForms.plain
  }

  private hold(base: number, verdict: Verdict): CellForm {
    const { reader } = this
    this.rewritten.clear()
    const raw = this.rawText()
    const isOfFields = verdict.column !== null && verdict.reason !== 'encoding'
    const field = isOfFields ? (index: number) => this.fieldText(index) : null
    if (this.held?.drops(raw, field)) return cellForms.unreadable
    const row = { line: reader.line, byteOffset: base + reader.start, ...verdict, raw }
    const left = this.mender ? this.mender.fix(row, field && (() => this.fieldTexts())) : row
    if (left) this.quarantine.add(left)
    return cellForms.unreadable
  }

  private rawText(): string {
    const { buffer, start, contentEnd } = this.reader
    return buffer.toString('utf8', start, Math.min(contentEnd, start + RAW_BYTES_MAX))
  }

  private faultVerdict(): Verdict {
    const { fault } = this.reader
    const reason =
      fault === faults.stray
        ? 'quote-stray'
        : fault === faults.unclosed
          ? 'quote-unclosed'
          : 'record-too-long'
    return { reason, column: null, value: null }
  }

  private cellVerdict(cell: Cell & { index: number }, what: 'missing' | 'unreadable'): Verdict {
    const value = this.fieldText(cell.index).slice(0, RAW_BYTES_MAX)
    return { reason: `${cell.name}-${what}`, column: cell.name, value }
  }

  private fieldWithBadBytes(): string | null {
    const { buffer, fieldStart, fieldEnd } = this.reader
    const cell = this.cells.find(
      ({ index }) => !isText(buffer.subarray(fieldStart[index], fieldEnd[index])),
    )
    return cell?.name ?? null
  }

  private fieldTexts(): string[] {
    return Array.from({ length: this.fieldCount }, (_, index) => this.fieldText(index))
  }

  private fieldText(index: number): string {
    const { buffer, fieldStart, fieldEnd, fieldForm } = this.reader
    const text = buffer.toString('utf8', fieldStart[index], fieldEnd[index])
    return fieldForm[index] === ESCAPED ? text.replaceAll('""', '"') : text
  }

  /** The record with the texts that DuckDB reads in place of the odd ones. */
  private rewriteRecord(): string {
    const fields = Array.from({ length: this.fieldCount }, (_, index) => {
      const text = this.rewritten.get(index) ?? this.fieldText(index)
      return `"${text.replaceAll('"', '""')}"`
    })
    this.rewritten.clear()
    return `${fields.join(',')}${this.returnEnded ? ',' : ''}\n`
  }
}
