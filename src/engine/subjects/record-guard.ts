import { keyedHash } from '#kernel/keyed-hash.ts'
import type { SubjectRule, SubjectRules, SubjectRuleState } from '#model/subject.ts'

/** What may stand before and after a value in a text: everything that separates words of a record. */
const SEPARATORS = new Set(Buffer.from(' \t\r\n,;|"\'()[]{}<>:=\0'))

/**
 * Says of texts that are not rows whom they are about: fields of a record that is being held back,
 * and records that cannot be told into fields. Knows hashes only.
 */
export class RecordGuard {
  private readonly key: Buffer
  private readonly states = new Map<string, SubjectRuleState>()
  private readonly lengths = new Map<string, readonly number[]>()

  constructor({ key, rules }: SubjectRules) {
    this.key = Buffer.from(key, 'hex')
    for (const { kind, hash, state } of rules) this.states.set(`${kind} ${hash}`, state)
    for (const [kind, own] of Map.groupBy(rules, (rule: SubjectRule) => rule.kind)) {
      this.lengths.set(kind, [...new Set(own.map(({ bytes }) => bytes))])
    }
  }

  /** Kinds that a rule is about. */
  get kinds(): readonly string[] {
    return [...this.lengths.keys()]
  }

  /** The rule about a value that names a subject of the kind. */
  stateOf(kind: string, value: string | Uint8Array): SubjectRuleState | null {
    if (!this.lengths.has(kind)) return null
    return this.states.get(`${kind} ${keyedHash(this.key, kind, value)}`) ?? null
  }

  /** The strictest rule about somebody whose value stands in the text, between separators. */
  mentioned(text: string): SubjectRuleState | null {
    let found = this.mentionedIn(Buffer.from(text))
    for (const read of [unquoted, unescaped]) {
      const other = found === 'erased' ? text : read(text)
      const state = other === text ? null : this.mentionedIn(Buffer.from(other))
      found = state === 'erased' ? state : (found ?? state)
    }
    return found
  }

  private mentionedIn(bytes: Buffer): SubjectRuleState | null {
    let found: SubjectRuleState | null = null
    for (let start = 0; start < bytes.length; start++) {
      if (!isBoundary(bytes, start)) continue
      for (const [kind, lengths] of this.lengths) {
        for (const length of lengths) {
          const end = start + length
          if (end > bytes.length || !isBoundary(bytes, end)) continue
          const state = this.stateOf(kind, bytes.subarray(start, end))
          if (state === 'erased') return state
          found ??= state
        }
      }
    }
    return found
  }
}

/** As CSV writes quotes within quotes. */
function unquoted(text: string): string {
  return text.replaceAll('""', '"')
}

/** As JSON writes what it escapes; what is no escape stays. */
function unescaped(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(["\\/]))/g, (whole, unit?: string, plain?: string) =>
    unit === undefined ? (plain ?? whole) : String.fromCharCode(Number.parseInt(unit, 16)),
  )
}

function isBoundary(bytes: Buffer, at: number): boolean {
  return (
    at === 0 ||
    at === bytes.length ||
    SEPARATORS.has(bytes[at - 1] as number) ||
    SEPARATORS.has(bytes[at] as number)
  )
}
