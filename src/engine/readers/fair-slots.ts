import { MillraceError } from '#kernel/errors.ts'

/** Who gets the next free slot: tenants in turn, none of them more than its own number at once. */
export interface FairSlots {
  /**
   * Resolves with what gives the slot back. Throws `queries-too-many` where the tenant's queue is
   * full, `engine-cancelled` when the signal comes first, `engine-closed`.
   */
  claim(tenantId: number, subject: string, signal: AbortSignal | undefined): Promise<() => void>
  /** Everybody who waits is refused with `engine-closed`, and so is whoever comes. */
  close(): void
}

interface Waiting {
  readonly subject: string
  readonly start: () => void
  readonly refuse: (error: MillraceError) => void
}

interface Line {
  running: number
  readonly waiting: Waiting[]
}

export interface FairSlotsOptions {
  readonly slots: number
  readonly slotsPerTenant: number
  readonly waitingMax: number
  /** How long a query has taken on the average of late, for `Retry-After`. */
  averageMs(): number
}

export function createFairSlots(options: FairSlotsOptions): FairSlots {
  const { slots, slotsPerTenant, waitingMax } = options
  /** In the order of their turns: whoever has been served goes to the end. */
  const lines = new Map<number, Line>()
  let running = 0
  let closed = false

  function dispatch(): void {
    for (const [tenantId, line] of lines) {
      if (running >= slots) return
      if (line.running >= slotsPerTenant) continue
      const next = line.waiting.shift()
      if (!next) continue
      lines.delete(tenantId)
      lines.set(tenantId, line)
      line.running++
      running++
      next.start()
      return dispatch()
    }
  }

  function release(tenantId: number, line: Line): void {
    line.running--
    running--
    lines.delete(tenantId)
    if (line.running > 0 || line.waiting.length > 0) lines.set(tenantId, line)
    dispatch()
  }

  return {
    claim(tenantId, subject, signal) {
      if (closed) return Promise.reject(new MillraceError('engine-closed', { subject }))
      if (signal?.aborted) return Promise.reject(cancelled(subject, signal))
      const line = lines.get(tenantId) ?? { running: 0, waiting: [] }
      lines.set(tenantId, line)
      if (line.waiting.length >= waitingMax) {
        const seconds = (line.waiting.length * options.averageMs()) / slotsPerTenant / 1000
        const retryAfterSeconds = Math.min(60, Math.max(1, Math.ceil(seconds)))
        const waiting = line.waiting.length
        const details = { subject, waiting, retryAfterSeconds }
        return Promise.reject(new MillraceError('queries-too-many', details))
      }
      return new Promise((resolve, reject) => {
        const onAbort = () => {
          const at = line.waiting.indexOf(waiting)
          if (at < 0) return
          line.waiting.splice(at, 1)
          if (line.running === 0 && line.waiting.length === 0) lines.delete(tenantId)
          reject(cancelled(subject, signal))
        }
        let isReleased = false
        const waiting: Waiting = {
          subject,
          start: () => {
            signal?.removeEventListener('abort', onAbort)
            resolve(() => {
              if (!isReleased) release(tenantId, line)
              isReleased = true
            })
          },
          refuse: reject,
        }
        signal?.addEventListener('abort', onAbort, { once: true })
        line.waiting.push(waiting)
        dispatch()
      })
    },
    close() {
      closed = true
      for (const { waiting } of lines.values()) {
        for (const { subject, refuse } of waiting.splice(0)) {
          refuse(new MillraceError('engine-closed', { subject }))
        }
      }
    },
  }
}

function cancelled(subject: string, signal: AbortSignal | undefined): MillraceError {
  return new MillraceError('engine-cancelled', { subject }, { cause: signal?.reason })
}
