import type { Column, ColumnNote } from '#model/column.ts'
import type { Grain } from '#model/partition-key.ts'

/** What a pack's own files declare. Declarations are plain data: `define*` only gives them types. */
export interface PackDeclaration {
  /** Lower-case letters, digits and `_`; the same in addresses and on the command line. */
  readonly name: string
  readonly description: string
}

export type ColumnDeclaration = Omit<Column, 'name'>

export interface DerivedColumnDeclaration extends Omit<ColumnDeclaration, 'parse' | 'optional'> {
  /** A deterministic SQL expression over the typed columns of the row. */
  readonly sql: string
}

/**
 * How a dataset is cut, in the notation of SQL headers: a grain, a key (`key exam`, whose values
 * sources publish, or `key country (de, at)`) and, for analyses, hash shards (`shards 16 by email`).
 */
export type CutDeclaration = Grain | `${Grain}, ${string}` | `key ${string}` | `shards ${string}`

/** The dataset's name is the name of its file. */
export interface SourceDeclaration {
  readonly description: string
  /**
   * Of its objects; left out where rows are sent to it (`append`). `ndjson` holds an object a line,
   * `json` an array of objects (`at`: the keys that lead to it, `data.rows`).
   */
  readonly format?: 'csv' | 'ndjson' | 'json' | { readonly kind: 'json'; readonly at: string }
  /** What one file holds: `month`, or `month, key exam` where each exam has its own. */
  readonly partition: CutDeclaration
  /** By name, in the order in which they are stored. */
  readonly columns: Readonly<Record<string, ColumnDeclaration>>
  /** Computed while reading, by name. */
  readonly derived?: Readonly<Record<string, DerivedColumnDeclaration>>
  /** The timestamp column whose periods each file records, so that analyses of those can read by *observed*. */
  readonly observes?: { readonly column: string; readonly by: Grain }
  /** Where it lies unless a tenant says otherwise, with {yyyy} {MM} {dd} {HH} {tenant} and its key ({exam}); `./…` is inside the pack. */
  readonly location?: string
  /**
   * Rows are sent to it instead of being fetched. `by`: the timestamp or date column whose period a row
   * belongs to, default the time at which it arrives; `settle`: analyses are told of new rows at most
   * once in this time, default `60s`.
   */
  readonly append?: { readonly by?: string; readonly settle?: string }
  /** How old its newest period may get, counted from its end: `26h`. */
  readonly freshness?: string
  /** In the notation of SQL headers: `positive: blocking each amount > 0`. */
  readonly checks?: readonly string[]
}

/** A small table that ships with the pack: one partition, and every row must be good. */
export interface ReferenceDeclaration {
  readonly description: string
  /** Its CSV file, relative to the pack's folder: `./sources/mail_providers.csv`. */
  readonly location: string
  readonly columns: Readonly<Record<string, ColumnDeclaration>>
  readonly derived?: Readonly<Record<string, DerivedColumnDeclaration>>
  readonly checks?: readonly string[]
}

/**
 * An analysis for what SQL cannot say. `run` is called once per partition, in a child process
 * (engine/analysis-context.ts says with what, and what it returns). Equal input must give equal rows.
 */
export interface AnalysisDeclaration<Context = never, Result = unknown> {
  readonly description: string
  readonly partition: CutDeclaration
  /** Dataset → mapping in the notation of SQL headers; null: the default mapping. */
  readonly inputs: Readonly<Record<string, string | null>>
  /** What the columns of the result mean; their types too, where the analysis reads itself. */
  readonly columns?: Readonly<Record<string, Omit<ColumnNote, 'name'>>>
  /** In the notation of SQL headers: `events desc, email`. */
  readonly order?: string
  /** How old its newest period may get, counted from its end: `26h`. */
  readonly freshness?: string
  readonly checks?: readonly string[]
  /** Runs over the same inputs may differ: no early cutoff. */
  readonly volatile?: boolean
  run(context: Context): Promise<Result> | Result
}

export function definePack(declaration: PackDeclaration): PackDeclaration {
  return declaration
}

export function defineSource(
  declaration: SourceDeclaration,
): SourceDeclaration & { readonly kind: 'source' } {
  return { kind: 'source', ...declaration }
}

export function defineReference(
  declaration: ReferenceDeclaration,
): ReferenceDeclaration & { readonly kind: 'reference' } {
  return { kind: 'reference', ...declaration }
}

export function declareAnalysis<Context, Result>(
  declaration: AnalysisDeclaration<Context, Result>,
): AnalysisDeclaration<Context, Result> & { readonly kind: 'analysis' } {
  return { kind: 'analysis', ...declaration }
}
