import { createHash } from 'node:crypto'

import type { SourceDefinition } from '#model/definition.ts'
import { recordHash, type FixAction, type Mends } from '#model/mend.ts'
import { cellOf, type Cell } from '#engine/convert/cells.ts'
import { asBytes, type CleanLines } from '#engine/convert/clean-lines.ts'
import type { HeldRow, Reason } from '#engine/convert/quarantine-file.ts'
import { repairText, type RepairText } from '#engine/convert/repair-rules.ts'
import { cellForms } from '#engine/convert/timestamp-text.ts'
import type { HeldRecords } from '#engine/subjects/held-records.ts'

/** A field's text, NULL, or a text that the cast reads as it is. */
export type FieldText = string | null | { readonly ready: string }

export interface Verdict {
  readonly reason: Reason
  readonly column: string | null
  readonly value: string | null
}

/** Fields of a record as it is written in the source's format; a verdict where it cannot be told into fields. */
type ReadRecord = (record: string) => FieldText[] | Verdict

export interface MenderParts {
  readonly source: SourceDefinition
  readonly mends: Mends
  /** Place of a declared column among the fields. */
  readonly placeOf: (column: string) => number
  readonly read: ReadRecord
  readonly lines: CleanLines
  readonly held: HeldRecords | null
  /** A mended row has a value there. */
  readonly keep?: (place: number) => void
}

/**
 * Reads records with the repairs of their source, and those that are held back with their fixes. What
 * becomes a row is written to a file of its own kind and counts as repaired.
 */
export class Mender {
  repaired = 0
  readonly lines: CleanLines
  private readonly repairs: readonly { readonly place: number; readonly repair: RepairText }[]
  private readonly fixes: ReadonlyMap<string, FixAction>
  private readonly cells: readonly (Cell & { readonly place: number })[]
  private readonly parts: MenderParts
  private readonly rows = createHash('sha256')

  constructor(parts: MenderParts) {
    const { source, mends, placeOf, lines } = parts
    this.parts = parts
    this.lines = lines
    this.repairs = mends.repairs
      .filter(({ column }) => source.columns.some(({ name }) => name === column))
      .map(({ column, rule }) => ({ place: placeOf(column), repair: repairText(rule) }))
    this.fixes = new Map(mends.fixes.map(({ record, action }) => [record, action]))
    this.cells = source.columns.map((column) => ({
      ...cellOf(column),
      place: placeOf(column.name),
    }))
  }

  /** Of the rows that were mended; null: there are none. */
  get digest(): string | null {
    return this.repaired === 0 ? null : this.rows.copy().digest('hex')
  }

  /** True when a repair says something else than what stands in the record. */
  changes(fieldAt: (place: number) => FieldText): boolean {
    const changed = new Map<number, FieldText>()
    for (const { place, repair } of this.repairs) {
      const before = changed.has(place) ? (changed.get(place) as FieldText) : fieldAt(place)
      if (typeof before === 'object' && before !== null) continue
      changed.set(place, repair(before))
    }
    return changed.entries().some(([place, text]) => text !== fieldAt(place))
  }

  /** The row that a record becomes by the repairs; a verdict where it does not. */
  takeRepaired(fields: FieldText[]): Verdict | null {
    for (const { place, repair } of this.repairs) {
      const before = fields[place] ?? null
      if (typeof before !== 'object' || before === null) fields[place] = repair(before)
    }
    return this.take(fields)
  }

  /**
   * Does what the fix of a record says, if it has one. `row`: the record as it is held back; `fields`:
   * null where it cannot be told into fields. Null: nothing is left to be held back.
   */
  fix(row: HeldRow, fields: (() => FieldText[]) | null): HeldRow | null {
    const action = this.fixes.size === 0 ? undefined : this.fixes.get(recordHash(row.raw))
    if (!action) return row
    if (action.kind === 'drop')
      return { ...row, reason: 'dropped', column: null, value: action.reason }
    const read =
      action.kind === 'replace' ? this.parts.read(action.record) : this.withValues(action, fields)
    if (read === null) return row
    const verdict = Array.isArray(read) ? this.takeRepaired(read) : read
    return verdict && { ...row, ...verdict }
  }

  private withValues(
    { values }: Extract<FixAction, { kind: 'set' }>,
    fields: (() => FieldText[]) | null,
  ): FieldText[] | null {
    const own = fields?.()
    if (!own) return null
    for (const [column, text] of Object.entries(values)) own[this.parts.placeOf(column)] = text
    return own
  }

  private take(fields: readonly FieldText[]): Verdict | null {
    const ready = new Map<number, string>()
    for (const cell of this.cells) {
      const verdict = judge(cell, fields[cell.place] ?? null, ready)
      if (verdict) return verdict
    }
    const textAt = (place: number) => {
      const field = fields[place] ?? ''
      return typeof field === 'string' ? field : field.ready
    }
    const whole = fields.map((_, place) => textAt(place)).join('\n')
    if (this.parts.held?.drops(whole, textAt)) return null
    const written: string[] = []
    for (const [place, field] of fields.entries()) {
      if (field === null || field === undefined) continue
      this.parts.keep?.(place)
      written.push(`"f${place}":${asBytes(JSON.stringify(ready.get(place) ?? textAt(place)))}`)
    }
    const line = `{${written.join(',')}}`
    this.rows.update(`${line}\n`, 'latin1')
    this.lines.add(line)
    this.repaired++
    return null
  }
}

function judge(
  cell: Cell & { readonly place: number },
  field: FieldText,
  ready: Map<number, string>,
): Verdict | null {
  if (field === null || field === '') {
    if (!cell.required) return null
    return { reason: `${cell.name}-missing`, column: cell.name, value: field }
  }
  if (typeof field !== 'string' || !cell.form) return null
  const bytes = Buffer.from(field)
  const form = cell.form(bytes, 0, bytes.length)
  if (form === cellForms.rewrite) ready.set(cell.place, cell.rewrite(field))
  if (form !== cellForms.unreadable) return null
  return { reason: `${cell.name}-unreadable`, column: cell.name, value: field }
}
