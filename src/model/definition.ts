import type { Column, ColumnNote } from '#model/column.ts'
import type { EndpointDefinition } from '#model/endpoint.ts'
import type { Grain } from '#model/partition-key.ts'
import type { Severity } from '#model/severity.ts'
import type { TaskDefinition } from '#model/task-definition.ts'

/** How a dataset is cut, and so how its slices are named: by time, by a key's values, by a hash. */
export interface Partitioning {
  readonly grain: Grain
  readonly key?: KeyDimension
  readonly shards?: ShardDimension
}

/** A dimension with named values. Datasets that are cut by a key of the same name share its values. */
export interface KeyDimension {
  readonly name: string
  /**
   * The values that there are; null: *registered*, they grow as a source publishes new ones. Not
   * part of the code version: a new value leaves the other values' partitions as they are.
   */
  readonly values: readonly string[] | null
}

/** A partition for each remainder of the hash of a column's value (see docs/reference/shards.md). */
export interface ShardDimension {
  /** 2 to 4096. */
  readonly count: number
  readonly by: string
}

/** The relation between a partition and the partitions of one input that it reads. */
export type Mapping =
  | { readonly kind: 'same' }
  /** Every finer partition inside the period: a month reads its days. */
  | { readonly kind: 'roll-up' }
  /** Every source partition that recorded a value of the period; only those values count. */
  | { readonly kind: 'observed' }
  /** The dataset's own former partition: running state. */
  | { readonly kind: 'previous' }
  | { readonly kind: 'lookback'; readonly periods: number }
  | { readonly kind: 'through' }
  /** Every partition; what an uncut input always means. */
  | { readonly kind: 'all' }

/**
 * The mapping relates periods. Keys and shards follow by themselves: a dimension that both have is
 * read value by value, one that the reader lacks is read in all its values, and of an input that
 * is not sharded alike a shard reads the rows whose hash is its own.
 */
export interface Input {
  readonly dataset: string
  readonly mapping: Mapping
  /** Every key and shard of those periods, and no row left out by its hash. */
  readonly whole?: true
}

/** A rule about the rows of one partition, run on what was written, before it is published. */
export type Check = { readonly name: string; readonly severity: Severity } & (
  | { readonly kind: 'not-null'; readonly columns: readonly string[] }
  | { readonly kind: 'unique'; readonly columns: readonly string[] }
  /** A boolean SQL expression that must hold (be true) for every row. */
  | { readonly kind: 'each'; readonly expression: string }
  /** A boolean SQL expression over aggregates of the partition's rows that must be true. */
  | { readonly kind: 'all'; readonly expression: string }
)

interface DefinitionBase {
  readonly name: string
  readonly pack: string
  readonly description: string
  /** The file that holds it, relative to the pack's folder. */
  readonly file: string
  readonly partitioning: Partitioning
  readonly checks: readonly Check[]
  /**
   * Identity of what computes it: equal for texts that mean the same (see definitions/code-version.ts).
   * 64 hexadecimal digits.
   */
  readonly codeVersion: string
  /** How old its newest period (or, uncut, its newest publish) may get; not part of the code version. */
  readonly freshnessMs?: number
}

/** How the records of a source's files are written (docs/reference/csv.md, json.md). */
export type SourceFormat =
  | { readonly kind: 'csv' }
  /** One object a line. */
  | { readonly kind: 'ndjson' }
  /** One document: an array of objects, at its top or at the end of the keys of `at` (`data.rows`). */
  | { readonly kind: 'json'; readonly at?: string }

/** A dataset that is brought in from outside through a connector. */
export interface SourceDefinition extends DefinitionBase {
  readonly kind: 'source'
  readonly format: SourceFormat
  readonly columns: readonly Column[]
  /** Computed from the typed columns while reading; deterministic SQL expressions. */
  readonly derived: readonly (Column & { readonly expression: string })[]
  /** The timestamp column whose periods each partition records, for the *observed* mapping. */
  readonly observes?: { readonly column: string; readonly grain: Grain }
  /** Where it lies unless the tenant says otherwise, with {yyyy} {MM} {dd} {HH} {tenant} and the key's name; a path inside the pack begins with `./`. */
  readonly location?: string
  /** A small table that ships with the pack (aliases, providers): one partition, every row must be good. */
  readonly reference: boolean
  /** Its rows are sent to it, some at a time, and no object is fetched; `location` is absent then. */
  readonly append?: AppendRule
}

/** How a dataset that rows are sent to grows. */
export interface AppendRule {
  /** Analyses are told of new rows at most once in this time. */
  readonly settleMs: number
  /** The column whose period a row belongs to; null: the time at which it arrived. */
  readonly by: string | null
}

/** A dataset that is computed from others. */
export interface AnalysisDefinition extends DefinitionBase {
  readonly kind: 'analysis'
  readonly language: 'sql' | 'typescript'
  /** SQL: the SELECT. TypeScript: the bundled module. */
  readonly text: string
  readonly inputs: readonly Input[]
  /** Columns that order the rows in files and answers, for instance `events desc, email`. */
  readonly order?: string
  /** The author says that runs may differ: no early cutoff. */
  readonly volatile: boolean
  /** Documentation of result columns by name; types come from the engine. */
  readonly columns: readonly ColumnNote[]
}

export type DatasetDefinition = SourceDefinition | AnalysisDefinition

/** A pack as it was read: every dataset, checked against the others, in dependency order (inputs first). */
export interface Pack {
  readonly name: string
  readonly description: string
  /** Absolute folder. */
  readonly folder: string
  readonly datasets: readonly DatasetDefinition[]
  /** Functions that carry out background tasks, by name. */
  readonly tasks: readonly TaskDefinition[]
  /** Published queries over its datasets, by name. */
  readonly endpoints: readonly EndpointDefinition[]
}
