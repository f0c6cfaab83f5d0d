import { errorOf, MillraceError, unreachable } from './error.ts'

export interface Sending {
  readonly fetch: typeof fetch
  /** Tries after the first one. */
  readonly retries: number
  /** Longest wait that is taken for a `Retry-After`; beyond it the error is thrown at once. */
  readonly retryAfterMaxMs: number
}

export interface Wanted {
  readonly url: string
  readonly init: RequestInit
  /** What may be tried again: everything, or only what was refused before it began. */
  readonly repeat: 'all' | 'refused'
  readonly signal?: AbortSignal | undefined
}

const FIRST_MS = 250

/** Throws `MillraceError`; an aborted call throws the reason of its signal. */
export async function send(sending: Sending, wanted: Wanted): Promise<Response> {
  for (let attempt = 0; ; attempt++) {
    const result = await once(sending, wanted)
    if (!(result instanceof MillraceError)) return result
    const waitMs = waitOf(result, attempt)
    const mayRepeat = wanted.repeat === 'all' ? isPassing(result) : result.status === 429
    if (!mayRepeat || attempt >= sending.retries || waitMs > sending.retryAfterMaxMs) throw result
    await sleep(waitMs, wanted.signal)
  }
}

async function once({ fetch }: Sending, { url, init, signal }: Wanted) {
  let response: Response
  try {
    response = await fetch(url, { ...init, ...(signal && { signal }) })
  } catch (error) {
    signal?.throwIfAborted()
    return unreachable(url, error)
  }
  if (response.ok || response.status === 304) return response
  const error = await errorOf(response)
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  if (Number.isFinite(seconds)) waits.set(error, seconds * 1000)
  return error
}

/** What the server said about when to come back. */
const waits = new WeakMap<MillraceError, number>()

function isPassing({ status, code }: MillraceError): boolean {
  return status === 0 || status === 429 || status === 503 || code === 'idempotency-busy'
}

/** As the server says; else twice as long each time, spread, so that clients do not come back together. */
function waitOf(error: MillraceError, attempt: number): number {
  return waits.get(error) ?? FIRST_MS * 2 ** attempt * (0.5 + Math.random())
}

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer)
      reject(signal?.reason as Error)
    }
    if (signal?.aborted) return reject(signal.reason as Error)
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', end)
      resolve()
    }, ms)
    signal?.addEventListener('abort', end, { once: true })
  })
}
