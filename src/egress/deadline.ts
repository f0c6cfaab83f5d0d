import type { Clock } from '#kernel/clock.ts'

/** Thrown when `withDeadline` ran out of time. */
export class DeadlinePassed extends Error {
  override readonly name = 'DeadlinePassed'
}

/**
 * Runs work that ends when the caller aborts (with the reason of the signal) or the time is up (with
 * `DeadlinePassed`), even where the work itself does not listen to the signal that it is given.
 */
export async function withDeadline<T>(
  clock: Clock,
  timeoutMs: number,
  callersSignal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  callersSignal?.throwIfAborted()
  const late = new AbortController()
  const done = new AbortController()
  const signal = AbortSignal.any(callersSignal ? [late.signal, callersSignal] : [late.signal])
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  clock.sleep(timeoutMs, done.signal).then(
    () => late.abort(new DeadlinePassed(`not done within ${timeoutMs} ms`)),
    () => {},
  )
  try {
    return await Promise.race([work(signal), stopped])
  } finally {
    done.abort()
  }
}
