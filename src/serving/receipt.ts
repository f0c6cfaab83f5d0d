import type { PartitionKey } from '#model/partition-key.ts'
import type { Tenant } from '#model/tenant.ts'

/** One partition's version that an answer was read from. */
export interface ReadVersion {
  readonly dataset: string
  readonly partition: PartitionKey
  readonly versionId: number
}

/** Of the partitions that the question covers, those that are expected and those that are published. */
export interface Completeness {
  readonly expected: number
  readonly published: number
  /** The first few that are missing, as `dataset partition`. */
  readonly missing: readonly string[]
}

/**
 * Where an answer comes from. The identity is the hash of tenant, question (subject, its version,
 * parameters, columns, conditions, order), what the asker may see, and the versions read: not of the
 * door, the format or the page.
 */
export interface Receipt {
  /** `rcp_` and 26 characters. */
  readonly id: string
  /** The question in its canonical form: plain JSON. */
  readonly question: QuestionData
  /** The tenant's newest publish when the versions were resolved. */
  readonly commitNumber: number
  /** When those versions were the newest ones (of `as_of`: then). */
  readonly asOf: Date
  readonly versions: readonly ReadVersion[]
  readonly completeness: Completeness
}

/** A question as it is stored, shown and asked again. */
export interface QuestionData {
  readonly subject:
    | { readonly kind: 'dataset'; readonly dataset: string; readonly partitions: string | null }
    | {
        readonly kind: 'endpoint'
        readonly endpoint: string
        readonly version: number
        readonly codeVersion: string
        readonly parameters: Readonly<Record<string, string>>
      }
    | {
        readonly kind: 'sql'
        readonly text: string
        readonly parameters: Readonly<
          Record<string, { readonly type: string; readonly value: string | null }>
        >
      }
  readonly select: readonly string[] | null
  readonly where: readonly {
    readonly column: string
    readonly op: string
    readonly value: unknown
  }[]
  readonly sort: readonly { readonly column: string; readonly descending: boolean }[] | null
  /** What the asker may see of it; null: everything. */
  readonly seen: unknown
}

/** Keeps each distinct receipt once. */
export interface Receipts {
  /** Stored when it resolves; costs nothing for one that this process knows to be stored. */
  keep(tenant: Tenant, receipt: Receipt): Promise<void>
  /** Null: the tenant has none of that name. */
  find(tenant: Tenant, id: string): Promise<(Receipt & { readonly createdAt: Date }) | null>
}
