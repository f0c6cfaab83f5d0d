import type { Access, RowFilter } from '#model/access.ts'
import type { EndpointInput, EndpointParameter, EndpointVersion } from '#model/endpoint.ts'
import type { DatasetDefinition } from '#model/definition.ts'
import type { Selector } from '#model/partition-key-selection.ts'
import type { Tenant } from '#model/tenant.ts'

/** Who asks: the tenant whose rows are read, and what of them may be seen. */
export interface Asker {
  readonly tenant: Tenant
  readonly access: Access
}

/** What rows are asked for; each kind is one SELECT over published versions. */
export type Subject =
  | {
      readonly kind: 'dataset'
      readonly definition: DatasetDefinition
      /** Null: every published partition. */
      readonly partitions: readonly Selector[] | null
    }
  | {
      readonly kind: 'endpoint'
      readonly version: EndpointVersion
      /** As text that the parameters' types can read; those that are absent take their defaults. */
      readonly parameters: Readonly<Record<string, string>>
    }
  | {
      readonly kind: 'sql'
      readonly text: string
      /** Where the SQL runs: that of customers in the jail. */
      readonly trust: 'company' | 'customer'
      readonly parameters: Readonly<
        Record<string, { readonly type: string; readonly value: string | null }>
      >
      /** Which partitions of the datasets in it are read; of those that are not named, all. */
      readonly inputs?: readonly EndpointInput[]
      /** What its author says of its parameters: periods may be `latest`, and stand in `inputs`. */
      readonly declared?: readonly EndpointParameter[]
    }

/** A condition of whoever asks, on a column of the result; all of them hold together. */
export type Condition =
  | RowFilter
  /** `value` is `null` or `not-null`. */
  | { readonly column: string; readonly op: 'is'; readonly value: 'null' | 'not-null' }
  | { readonly column: string; readonly op: 'starts' | 'contains'; readonly value: string }

export interface SortBy {
  readonly column: string
  readonly descending: boolean
}

/** The published state that is read. Null in a question: the newest. */
export type AsOf = { readonly commit: number } | { readonly time: Date }

/**
 * A request for rows, the same through every door. What says only how they are handed over (format,
 * page, compression) is not part of it: two doors that ask the same get the same receipt.
 */
export interface Question {
  readonly subject: Subject
  /** Columns of the result, in the order in which they are wanted; null: all. */
  readonly select: readonly string[] | null
  readonly where: readonly Condition[]
  /** Null: the subject's own order. */
  readonly sort: readonly SortBy[] | null
  readonly asOf: AsOf | null
}

/** `spreadsheet`: texts that a spreadsheet would run as a formula are neutralised; numbers stay numbers. */
export type Cells = 'raw' | 'spreadsheet'
