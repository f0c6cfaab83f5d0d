import type { PartitionKey } from '#model/partition-key.ts'
import type { Severity } from '#model/severity.ts'

export interface ResultColumn {
  readonly name: string
  /** The engine's own name: `BIGINT`, `VARCHAR[]`, `DECIMAL(18,2)`. */
  readonly type: string
}

/** A file that lies in an attempt's staging folder, complete and fsynced. */
export interface StagedFile {
  readonly path: string
  readonly sizeBytes: number
  readonly sha256: string
  readonly rows: number
}

export interface CheckOutcome {
  readonly name: string
  readonly severity: Severity
  readonly passed: boolean
  /** Rows that break the rule, or null for a rule over the whole. */
  readonly failingRows: number | null
  /** One sentence with the figures that it found. */
  readonly message: string
}

/** What one partition of a job came to. */
export interface PartitionOutcome {
  readonly partition: PartitionKey
  readonly rows: number
  /** Hash of the rows (engine/row-hash.ts) and their number: `0a1b…:123`. */
  readonly dataVersion: string
  readonly checks: readonly CheckOutcome[]
}

/** Rows of one period inside a source partition, with their own data version. */
export interface ObservedValue {
  readonly value: PartitionKey
  readonly dataVersion: string
  readonly rows: number
}

/** Cost of one job, measured in the child that did it. */
export interface JobCost {
  readonly wallMs: number
  readonly cpuMs: number
  readonly peakMemoryBytes: number
  readonly readBytes: number
  readonly writtenBytes: number
}
