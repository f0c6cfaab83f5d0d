import type { Clock } from '#kernel/clock.ts'
import { backoffMs } from '#kernel/retry.ts'
import { isPassing, isRefusal, reasonOf } from '#object-storage/s3-answer.ts'
import type { S3Session } from '#object-storage/s3-client.ts'

const BACKOFF = { firstMs: 100, factor: 2, ceilingMs: 5_000 }
/** A try that brought so much counts as a success: a server that cuts every long answer is survived. */
const PROGRESS_BYTES = 64 * 1024

/** One try of a request. */
export interface Try {
  /** Aborted by the caller, or when the server was silent for too long. */
  readonly signal: AbortSignal
  /** Bytes have come: the server is not silent. */
  received(bytes: number): void
}

export interface TriesOptions {
  readonly signal?: AbortSignal | undefined
  /** Added to the session's idle time, where much is sent before anything can come back. */
  readonly patienceMs?: number
}

/**
 * Repeats what fails in passing, with back-off and jitter, until `maxAttempts` tries in a row
 * brought nothing: then the session's `unreachable`. What is refused for good is thrown at once, as
 * it is.
 */
export async function withTries<T>(
  session: Omit<S3Session, 'client'>,
  location: string,
  options: TriesOptions,
  work: (attempt: Try) => Promise<T>,
): Promise<T> {
  const { clock, random, log } = session
  const idleMs = session.idleTimeoutMs + (options.patienceMs ?? 0)
  for (let tries = 1; ; tries++) {
    let bytes = 0
    try {
      return await untilSilent(idleMs, clock, options.signal, (attempt) =>
        work({
          signal: attempt.signal,
          received(count) {
            bytes += count
            attempt.received(count)
          },
        }),
      )
    } catch (error) {
      options.signal?.throwIfAborted()
      if (!isPassing(error) && isRefusal(error)) throw error
      if (bytes >= PROGRESS_BYTES) tries = 1
      const reason = reasonOf(error)
      if (tries >= session.maxAttempts || !isPassing(error)) {
        throw session.unreachable({ location, tries, reason, cause: error })
      }
      const delayMs = backoffMs(BACKOFF, tries, random)
      log.debug('asking S3 again', { location, tries, reason, delayMs })
      await clock.sleep(delayMs, options.signal)
    }
  }
}

/** Runs one try; aborts it when nothing was received for `idleMs`. */
async function untilSilent<T>(
  idleMs: number,
  clock: Clock,
  callersSignal: AbortSignal | undefined,
  work: (attempt: Try) => Promise<T>,
): Promise<T> {
  const silence = new AbortController()
  const done = new AbortController()
  const signals = callersSignal ? [silence.signal, callersSignal] : [silence.signal]
  let lastMs = clock.monotonicMs()
  const watch = async () => {
    for (;;) {
      const waitMs = lastMs + idleMs - clock.monotonicMs()
      if (waitMs <= 0) return silence.abort()
      await clock.sleep(waitMs, done.signal)
    }
  }
  const watching = watch().catch(() => {})
  try {
    const signal = AbortSignal.any(signals)
    signal.throwIfAborted()
    return await work({ signal, received: () => void (lastMs = clock.monotonicMs()) })
  } catch (error) {
    if (!silence.signal.aborted) throw error
    throw new Error(`the server was silent for ${idleMs} ms`, { cause: error })
  } finally {
    done.abort()
    await watching
  }
}
