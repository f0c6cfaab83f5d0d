import type { Random } from '#kernel/random.ts'

export interface Backoff {
  readonly firstMs: number
  readonly factor: number
  readonly ceilingMs: number
}

/**
 * Delay before try `attempt + 1`, in milliseconds: exponential with full jitter
 * (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015), never under a tenth.
 */
export function backoffMs(backoff: Backoff, attempt: number, random: Random): number {
  const ceiling = Math.min(backoff.ceilingMs, backoff.firstMs * backoff.factor ** (attempt - 1))
  return Math.round(ceiling * (0.1 + 0.9 * random.next()))
}
