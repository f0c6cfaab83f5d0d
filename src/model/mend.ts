import { canonicalJson, sha256 } from '#kernel/hash.ts'
import type { PartitionKey } from '#model/partition-key.ts'

/** What a repair does to every text of its column, before rows are judged. */
export type RepairRule =
  /** Takes blanks from both ends. */
  | { readonly kind: 'trim' }
  /** Texts that mean nothing (`N/A`, `-`; always the empty one) become NULL, in text columns too. */
  | { readonly kind: 'empty-as-null'; readonly texts: readonly string[] }
  /** `1.234,56` becomes `1234.56`; what is not written so stays. */
  | { readonly kind: 'decimal-comma' }
  /** `31.12.2021 23:59:00` by `DD.MM.YYYY`, with a time behind it if there is one; what does not fit stays. */
  | { readonly kind: 'date-format'; readonly format: string }
  /** In place of a field that is empty or not there. */
  | { readonly kind: 'default'; readonly text: string }
  /** Whole texts by others; null: NULL. */
  | { readonly kind: 'map'; readonly texts: Readonly<Record<string, string | null>> }
  /** Keeps so many characters (code points) at the beginning. */
  | { readonly kind: 'cap-length'; readonly length: number }

export interface Repair {
  readonly column: string
  readonly rule: RepairRule
}

/** What is done with one record that is held back. */
export type FixAction =
  /** Read this in its place, written as the records of the source are. */
  | { readonly kind: 'replace'; readonly record: string }
  /** Read it with these texts in these columns; null: NULL. */
  | { readonly kind: 'set'; readonly values: Readonly<Record<string, string | null>> }
  /** It stays in the quarantine for good, under the reason `dropped`. */
  | { readonly kind: 'drop'; readonly reason: string }

export interface Fix {
  /** `recordHash` of its raw text. */
  readonly record: string
  readonly action: FixAction
}

/** Everything that is to be done with the records of one source partition while they are read. */
export interface Mends {
  readonly repairs: readonly Repair[]
  readonly fixes: readonly Fix[]
}

/** Names a record by its text as the quarantine keeps it: 32 hexadecimal digits. */
export function recordHash(raw: string): string {
  return sha256(raw).slice(0, 32)
}

export function actionDigest(action: unknown): string {
  return sha256(canonicalJson(action)).slice(0, 32)
}

/** Which mends a source has, without what they say: enough to tell whether a partition was read with them. */
export interface MendNames {
  /** Digests of the repairs, in their order. */
  readonly repairs: readonly string[]
  /** Of each partition with fixes: record and digest of each, in the order of the records. */
  readonly fixes: ReadonlyMap<PartitionKey, string>
}

/** Identity of what is done to the records of a partition; null: nothing. Part of its fingerprint. */
export function mendsOf({ repairs, fixes }: MendNames, partition: PartitionKey): string | null {
  const own = fixes.get(partition)
  if (repairs.length === 0 && own === undefined) return null
  return sha256(`${repairs.join(',')}\n${own ?? ''}`).slice(0, 32)
}
