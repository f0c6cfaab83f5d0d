interface Shared<T> {
  readonly work: Promise<T>
  readonly control: AbortController
  waiting: number
}

/**
 * Several callers share one piece of work of the same name. It does not end with one caller's
 * signal, but with the last one's.
 */
export function createSharedWork<T>() {
  const running = new Map<string, Shared<T>>()

  return async function share(
    name: string,
    signal: AbortSignal | undefined,
    start: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted()
    const shared = running.get(name) ?? begin(name, start)
    shared.waiting++
    try {
      return await (signal ? orAborted(shared.work, signal) : shared.work)
    } finally {
      if (--shared.waiting === 0) {
        if (running.get(name) === shared) running.delete(name)
        shared.control.abort(new Error('nobody waits for it any more'))
      }
    }
  }

  function begin(name: string, start: (signal: AbortSignal) => Promise<T>): Shared<T> {
    const control = new AbortController()
    const work = start(control.signal).finally(() => {
      if (running.get(name) === shared) running.delete(name)
    })
    // Each caller sees the failure; without any left it is of no interest.
    work.catch(() => {})
    const shared: Shared<T> = { work, control, waiting: 0 }
    running.set(name, shared)
    return shared
  }
}

/** The work's result, or the signal's reason as soon as it is aborted. */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error)
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
