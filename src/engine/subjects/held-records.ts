import type { SourceDefinition } from '#model/definition.ts'
import { subjectColumnsOf, type SubjectRules, type SubjectRuleState } from '#model/subject.ts'
import { RAW_BYTES_MAX } from '#engine/convert/quarantine-file.ts'
import { RecordGuard } from '#engine/subjects/record-guard.ts'

interface SubjectField {
  readonly kind: string
  readonly index: number
  readonly isInteger: boolean
}

/**
 * Decides of records that are not rows (their place is the quarantine) whether a rule is about them.
 * Where a record can be told into fields it goes by the fields that name subjects; else, and for
 * columns that are computed, by what stands in its text.
 */
export class HeldRecords {
  withheld = 0
  erased = 0
  private readonly guard: RecordGuard
  private readonly computed: RecordGuard | null
  private readonly fields: readonly SubjectField[]

  /** `indexOf`: place of a declared column among the fields of a record. */
  constructor(
    source: SourceDefinition,
    rules: SubjectRules,
    indexOf: (column: string) => number | null,
  ) {
    this.guard = new RecordGuard(rules)
    const computed = new Set<string>()
    this.fields = subjectColumnsOf(source).flatMap(({ column, kind }) => {
      const declared = source.columns.find(({ name }) => name === column)
      const index = declared ? indexOf(column) : null
      if (index !== null) return [{ kind, index, isInteger: declared?.type === 'integer' }]
      computed.add(kind)
      return []
    })
    const ofComputed = rules.rules.filter(({ kind }) => computed.has(kind))
    this.computed =
      ofComputed.length === 0 ? null : new RecordGuard({ key: rules.key, rules: ofComputed })
  }

  /** Counts the record and returns true where it must not be kept. `field`: null where it has none to tell. */
  drops(raw: string, field: ((index: number) => string | undefined) | null): boolean {
    const state = field ? this.stateOfFields(raw, field) : this.guard.mentioned(raw)
    if (state === 'erased') this.erased++
    else if (state === 'off') this.withheld++
    return state !== null
  }

  private stateOfFields(
    raw: string,
    field: (index: number) => string | undefined,
  ): SubjectRuleState | null {
    let found = this.computed?.mentioned(raw) ?? null
    for (const { kind, index, isInteger } of this.fields) {
      if (found === 'erased') return found
      const text = field(index)
      // Cut off before its end: nobody can say who it was.
      const state = text === undefined ? 'erased' : this.stateOfField(kind, text, isInteger)
      found = state === 'erased' ? state : (found ?? state)
    }
    return found
  }

  private stateOfField(kind: string, text: string, isInteger: boolean): SubjectRuleState | null {
    if (text === '') return null
    const plain = isInteger && /^-?\d{1,30}$/.test(text) ? String(BigInt(text)) : text
    return this.guard.stateOf(kind, plain)
  }
}

/**
 * Fields of a record as a quarantine keeps it, without quotes. A text that was cut at the most that
 * is kept has no last field.
 */
export function fieldsOfRecord(raw: string): string[] {
  const fields: string[] = []
  const pattern = /(?:"((?:[^"]|"")*)"|([^,]*))(,|\r?\n?$)/gy
  for (;;) {
    const match = pattern.exec(raw)
    if (!match) return fields
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '')
    if (match[3] !== ',') break
  }
  if (Buffer.byteLength(raw) >= RAW_BYTES_MAX) fields.pop()
  return fields
}
