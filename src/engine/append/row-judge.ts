import type { SourceDefinition } from '#model/definition.ts'
import { lengths } from '#model/partition-key.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import { cellOf, type Cell } from '#engine/convert/cells.ts'
import { cellForms } from '#engine/convert/timestamp-text.ts'
import type { HeldRecords } from '#engine/subjects/held-records.ts'
import { type CellText, type Field, ListText, Unreadable } from '#engine/append/field.ts'
import type { FieldRepairs } from '#engine/append/field-repairs.ts'
import type { HeldRow, HeldRows, RowVerdict } from '#engine/append/held-rows.ts'
import type { RowFile } from '#engine/append/row-file.ts'

export interface Place {
  readonly line: number
  readonly byteOffset: number
  readonly raw: () => string
  /** Of CSV. */
  readonly header: HeldRow['header']
}

export const RAW_CHARS_MAX = 1 << 16

/**
 * Decides of each row of a request whether it is good or held back, by the same judges of cells that
 * the rows of files have, and writes it where it belongs.
 */
export class RowJudge {
  received = 0
  accepted = 0
  repaired = 0
  quarantined = 0
  private readonly cells: readonly Cell[]
  private readonly types: readonly string[]
  private readonly partitionOf: (texts: readonly CellText[]) => PartitionKey
  private readonly file: RowFile
  private readonly rows: HeldRows
  private readonly held: HeldRecords | null
  private readonly repairs: FieldRepairs
  private scratch = Buffer.allocUnsafe(1 << 12)

  constructor(
    source: SourceDefinition,
    arrival: PartitionKey,
    file: RowFile,
    rows: HeldRows,
    held: HeldRecords | null,
    repairs: FieldRepairs,
  ) {
    this.cells = source.columns.map(cellOf)
    this.types = source.columns.map(({ type }) => type)
    this.partitionOf = partitionBy(source, arrival)
    this.file = file
    this.rows = rows
    this.held = held
    this.repairs = repairs
  }

  /**
   * Null: it is a row. `given`: one for each declared column. `isFixed`: somebody has said what
   * stands in them.
   */
  judge(
    request: number,
    id: string,
    given: readonly Field[],
    place: Place,
    isFixed = false,
  ): RowVerdict | null {
    const fields = this.repairs.applied(given)
    const isRepaired = isFixed || fields !== given
    const texts: CellText[] = []
    for (const [at, cell] of this.cells.entries()) {
      const verdict = this.judgeCell(cell, at, fields[at] ?? null)
      if (typeof verdict === 'object' && verdict !== null) {
        const what = { column: cell.name, value: verdict.value, reason: verdict.reason }
        return this.hold(id, what, place, fields)
      }
      texts.push(verdict)
    }
    this.received++
    if (isRepaired) this.repaired++
    else this.accepted++
    this.file.add(this.partitionOf(texts), request, isRepaired, texts)
    return null
  }

  /** What is said of the row where it is kept; null: it is kept nowhere. */
  hold(
    id: string,
    what: RowVerdict,
    place: Place,
    fields: readonly Field[] | null = null,
  ): RowVerdict | null {
    this.received++
    const raw = place.raw().slice(0, RAW_CHARS_MAX)
    const known = fields && ((index: number) => plainText(fields[index] ?? null))
    if (this.held?.drops(raw, known)) return null
    this.quarantined++
    const { line, byteOffset, header } = place
    const value = what.value?.slice(0, RAW_CHARS_MAX) ?? null
    const verdict = { column: what.column, value, reason: what.reason }
    this.rows.add(id, { line, byteOffset, raw, header, ...verdict })
    return verdict
  }

  private judgeCell(
    cell: Cell,
    at: number,
    field: Field,
  ): CellText | Pick<HeldRow, 'value' | 'reason'> {
    if (field instanceof Unreadable) return { value: field.text, reason: `${cell.name}-unreadable` }
    if (field instanceof ListText) {
      if (this.types[at] === 'text[]') return field.text
      return { value: field.text.slice(1), reason: `${cell.name}-unreadable` }
    }
    if (field === null || (field === '' && (this.types[at] !== 'text' || cell.required))) {
      return cell.required ? { value: field, reason: `${cell.name}-missing` } : null
    }
    if (!field.isWellFormed() || field.includes('\0')) {
      return { value: field.toWellFormed(), reason: 'encoding' }
    }
    if (!cell.form) return field
    const form = cell.form(this.scratch, 0, this.scratchText(field))
    if (form === cellForms.plain) return field
    if (form === cellForms.rewrite) return cell.rewrite(field)
    return { value: field, reason: `${cell.name}-unreadable` }
  }

  /** Writes the text into the scratch buffer and returns its bytes. */
  private scratchText(text: string): number {
    if (text.length * 3 > this.scratch.length) this.scratch = Buffer.allocUnsafe(text.length * 3)
    return this.scratch.write(text)
  }
}

function plainText(field: Field): string {
  return typeof field === 'string' ? field : (field?.text ?? '')
}

/** Texts of times that have been judged begin with their date and hour. */
function partitionBy(
  { append, columns, partitioning }: SourceDefinition,
  arrival: PartitionKey,
): (texts: readonly CellText[]) => PartitionKey {
  const at = columns.findIndex(({ name }) => name === append?.by)
  const { grain } = partitioning
  if (at < 0 || grain === 'none') return () => arrival
  const length = lengths[grain]
  return (texts) => {
    const text = texts[at] as string
    return grain === 'hour'
      ? `${text.slice(0, 10)}T${text.slice(11, 13) || '00'}`
      : text.slice(0, length)
  }
}
