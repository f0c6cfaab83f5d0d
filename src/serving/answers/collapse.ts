import { MillraceError } from '#kernel/errors.ts'

/**
 * Work that many want at the same moment is done once. It is cancelled when the last of those who
 * wait for it has gone.
 */
export interface Collapse<Value> {
  run(
    key: string,
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<Value>,
  ): Promise<Value>
}

interface Flight<Value> {
  readonly result: Promise<Value>
  readonly stopping: AbortController
  waiting: number
}

export function createCollapse<Value>(): Collapse<Value> {
  const flights = new Map<string, Flight<Value>>()

  function begin(key: string, work: (signal: AbortSignal) => Promise<Value>): Flight<Value> {
    const stopping = new AbortController()
    const flight: Flight<Value> = { result: work(stopping.signal), stopping, waiting: 0 }
    flights.set(key, flight)
    const over = () => {
      if (flights.get(key) === flight) flights.delete(key)
    }
    flight.result.then(over, over)
    return flight
  }

  return {
    run(key, signal, work) {
      if (signal?.aborted) return Promise.reject(gone(signal))
      const flight = flights.get(key) ?? begin(key, work)
      flight.waiting++
      return new Promise((resolve, reject) => {
        const leave = () => {
          flight.waiting--
          reject(gone(signal))
          if (flight.waiting > 0) return
          // Whoever comes now begins anew: this one ends in an error.
          if (flights.get(key) === flight) flights.delete(key)
          flight.stopping.abort(signal?.reason)
        }
        signal?.addEventListener('abort', leave, { once: true })
        const end = () => signal?.removeEventListener('abort', leave)
        flight.result.then(
          (value) => {
            end()
            resolve(value)
          },
          (error: unknown) => {
            end()
            reject(error)
          },
        )
      })
    },
  }
}

function gone(signal: AbortSignal | undefined): MillraceError {
  return new MillraceError('engine-cancelled', { subject: 'the answer' }, { cause: signal?.reason })
}
