import type { ColumnNote, ColumnType } from '#model/column.ts'
import type { ResultColumn } from '#model/outcome.ts'

/** A value that whoever calls an endpoint chooses; bound as a value, never part of the text. */
export interface EndpointParameter {
  /** `$name` in the SQL. */
  readonly name: string
  /** `period` is a name of a partition (`2021-04`), checked against the inputs that it selects. */
  readonly type: ColumnType | 'period'
  readonly description: string
  /** As text that the type can read; null: it must be given. `latest` for a period: the newest published. */
  readonly default: string | null
  /** The values that are allowed, where they are few. */
  readonly choices: readonly string[] | null
  /** Smallest and largest value, as text that the type can read. */
  readonly min: string | null
  readonly max: string | null
}

/** A dataset that the SQL reads, and which of its partitions. */
export interface EndpointInput {
  readonly dataset: string
  /**
   * A selector (`2021`, `2021-01..2021-06`) in which `$name` stands for a parameter; null: every
   * published partition. What it does not select is not opened.
   */
  readonly partitions: string | null
}

export interface EndpointLimits {
  /** Rows that one request may answer at most; more become a delivery. Null: the deployment's setting. */
  readonly rows: number | null
  readonly seconds: number | null
  readonly bytes: number | null
}

/**
 * A published, parameterised query over datasets: one SELECT in which each input is a table by its
 * name, with the partition's name in the column `partition`, and `$name` stands for a parameter.
 * Its name is shared with no dataset.
 */
export interface EndpointDefinition {
  readonly name: string
  readonly pack: string
  readonly description: string
  /** The file that holds it, relative to the pack's folder. */
  readonly file: string
  readonly text: string
  readonly parameters: readonly EndpointParameter[]
  readonly inputs: readonly EndpointInput[]
  /** Columns that order the rows unless the caller says otherwise: `events desc, company`. */
  readonly order: string | null
  /** Of the result, in its order; types come from the engine when it is read. */
  readonly columns: readonly ColumnNote[]
  readonly limits: EndpointLimits
  /**
   * A SELECT that leads from one row of the result to the rows behind it: its parameters are the
   * endpoint's own and, as `$row_<column>`, the values of that row. Null: there is none.
   */
  readonly drill: { readonly text: string; readonly inputs: readonly EndpointInput[] } | null
  /** Identity of everything that changes what is answered; 64 hexadecimal digits. */
  readonly codeVersion: string
}

/** What a tenant's callers are served under one number; a change of the code makes the next. */
export interface EndpointVersion {
  /** From 1 on; the same for every tenant of the deployment. */
  readonly number: number
  readonly definition: EndpointDefinition
  readonly createdAt: Date
  /** When another code took its place; null: it is current. */
  readonly replacedAt: Date | null
  /** When it stops being answered; null: it does not. Set on former versions only. */
  readonly endsAt: Date | null
  readonly isCurrent: boolean
  /** Of the result, as the engine told it first; null: nobody has asked yet. */
  readonly columns: readonly ResultColumn[] | null
}
