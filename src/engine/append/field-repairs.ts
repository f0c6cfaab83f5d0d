import type { Field } from '#engine/append/field.ts'
import type { SourceDefinition } from '#model/definition.ts'
import type { Repair } from '#model/mend.ts'
import { repairText, type RepairText } from '#engine/convert/repair-rules.ts'

/** The repairs of a source at work on fields in the order of its declared columns. */
export class FieldRepairs {
  private readonly repairs: readonly { readonly at: number; readonly repair: RepairText }[]

  constructor({ columns }: SourceDefinition, repairs: readonly Repair[]) {
    this.repairs = repairs
      .map(({ column, rule }) => ({
        at: columns.findIndex(({ name }) => name === column),
        repair: repairText(rule),
      }))
      // A column that is declared no longer has no texts.
      .filter(({ at }) => at >= 0)
  }

  /** The same list where no repair has anything to do. */
  applied(fields: readonly Field[]): readonly Field[] {
    let changed: Field[] | null = null
    for (const { at, repair } of this.repairs) {
      const before = (changed ?? fields)[at] ?? null
      if (before !== null && typeof before !== 'string') continue
      const after = repair(before)
      if (after === before) continue
      changed ??= [...fields]
      changed[at] = after
    }
    return changed ?? fields
  }
}
