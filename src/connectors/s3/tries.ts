import type { ConnectorContext } from '#connectors/connector.ts'
import { isPassing, isRefusal, reasonOf } from '#connectors/s3/s3-error.ts'
import type { S3Options } from '#connectors/s3/s3-options.ts'
import { MillraceError } from '#kernel/errors.ts'
import { backoffMs } from '#kernel/retry.ts'

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

/**
 * Repeats what fails in passing, with back-off and jitter, until `maxAttempts` tries in a row
 * brought nothing: then `source-unreachable`. What is refused for good is thrown at once, as it is.
 */
export async function withTries<T>(
  location: string,
  options: S3Options,
  context: ConnectorContext,
  callersSignal: AbortSignal | undefined,
  work: (attempt: Try) => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    let bytes = 0
    try {
      return await untilSilent(options.idleTimeoutMs, context, callersSignal, (attempt) =>
        work({
          signal: attempt.signal,
          received(count) {
            bytes += count
            attempt.received(count)
          },
        }),
      )
    } catch (error) {
      callersSignal?.throwIfAborted()
      if (!isPassing(error) && isRefusal(error)) throw error
      if (bytes >= PROGRESS_BYTES) tries = 1
      const reason = reasonOf(error)
      if (tries >= options.maxAttempts || !isPassing(error)) {
        throw new MillraceError('source-unreachable', { location, tries, reason }, { cause: error })
      }
      const delayMs = backoffMs(BACKOFF, tries, context.random)
      context.log.debug('trying again to read from S3', { location, tries, reason, delayMs })
      await context.clock.sleep(delayMs, callersSignal)
    }
  }
}

/** Runs one try; aborts it when nothing was received for `idleMs`. */
async function untilSilent<T>(
  idleMs: number,
  { clock }: ConnectorContext,
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
