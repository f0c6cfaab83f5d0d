import type { ResultColumn } from '#model/outcome.ts'
import type { Tenant } from '#model/tenant.ts'

/**
 * queued → running → ready → expired
 *             ↓ ↑ (retry)      (or erased: with a subject whose rows its file may hold)
 *          failed | cancelled
 */
export const deliveryStates = [
  'queued',
  'running',
  'ready',
  'failed',
  'cancelled',
  'expired',
  'erased',
] as const
export type DeliveryState = (typeof deliveryStates)[number]

/** Where a delivery goes, as it is stored: plain JSON, secrets sealed. Each kind adds fields of its own. */
export interface TargetWish {
  readonly kind: string
}

/** A file that is kept for a while, and fetched by a link or with a key. */
export const fileWish: TargetWish = { kind: 'file' }

/** What a target is handed: a finished file, which lies on this machine until `handOver` returns. */
export interface HandedFile {
  readonly tenant: Tenant
  /** `dlv_…`: the same for every attempt, so that a target can know what it has had. */
  readonly delivery: string
  /** Fencing number of the attempt: higher for a later one. */
  readonly fence: number
  /** Plain name with its ending. */
  readonly fileName: string
  readonly path: string
  readonly format: 'json' | 'csv' | 'ndjson' | 'parquet'
  readonly rows: number
  readonly sizeBytes: number
  /** Of the bytes, in hexadecimal. */
  readonly sha256: string
  readonly columns: readonly ResultColumn[]
  readonly receipt: string
  /** When what it holds was the newest. */
  readonly asOf: Date
  /** Of the tenant's publishes: a target may refuse what is older than what it has. */
  readonly commitNumber: number
}

/**
 * A kind of place that deliveries go to. `handOver` happens at least once for a delivery: it leaves the
 * same behind however often it is done for the same file, and all of it or nothing can be seen at the
 * target. Errors that are retryable are tried again by the queue.
 */
export interface DeliveryTarget<Wish extends TargetWish = TargetWish> {
  readonly kind: Wish['kind']
  /** The form that it needs, whatever was asked for; null: as asked. */
  readonly format: HandedFile['format'] | null
  /** Returns what people are shown of the place afterwards: plain JSON without secrets. */
  handOver(
    file: HandedFile,
    wish: Wish,
    about: {
      readonly signal: AbortSignal
      onProgress(progress: { readonly rows: number; readonly bytes: number }): void
    },
  ): Promise<Readonly<Record<string, unknown>>>
}
