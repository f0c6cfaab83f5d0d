import type { Identity, Door } from '#operations/operation.ts'
import type { Parts } from '#operations/parts.ts'

/** Who asks, and what one request has asked for already. */
export interface GraphContext {
  readonly parts: Parts
  readonly caller: Identity
  readonly door: Door
  readonly signal: AbortSignal
  /** Takes from the rate what REST would take for one more request. Throws `rate-limited`. */
  spend(): Promise<void>
  /** Answers of this request by operation and input: what many fields need is asked for once. */
  readonly asked: Map<string, Promise<unknown>>
  /** Operations that have been called for this request. */
  calls: number
}
