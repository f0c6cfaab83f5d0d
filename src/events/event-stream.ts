import { Readable } from 'node:stream'

import type { EventBatch } from '#events/event-feed.ts'
import type { Clock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { DomainEvent } from '#model/domain-event.ts'

export const eventForms = ['sse', 'ndjson'] as const
export type EventForm = (typeof eventForms)[number]

export const contentTypeOf: Readonly<Record<EventForm, string>> = {
  sse: 'text/event-stream',
  ndjson: 'application/x-ndjson',
}

export interface EventStreamSettings {
  readonly form: EventForm
  /** Those that are told; the others move the cursor on. */
  readonly picks: (event: DomainEvent) => boolean
  readonly clock: Clock
  /** Default: 15 seconds. */
  readonly heartbeatMs?: number
  /** A reader that takes nothing for so long is cut off; default: 30 seconds. */
  readonly patienceMs?: number
}

/** Bytes that wait for a reader, before nothing more is asked for. */
const WAITING_BYTES_MAX = 64 * 1024
/** For browsers, after the connection has ended. */
const RETRY_MS = 3_000

/**
 * Events as text, in the form that EventSource reads or one JSON object a line. A reader that is slower
 * than the events costs no memory: what it has not taken is not fetched. Ends when the batches do.
 */
export function openEventStream(
  batches: (signal: AbortSignal) => AsyncGenerator<EventBatch, void, undefined>,
  { form, picks, clock, heartbeatMs = 15_000, patienceMs = 30_000 }: EventStreamSettings,
): Readable {
  const stop = new AbortController()
  const source = batches(stop.signal)
  let room = Promise.withResolvers<void>()
  const stream = new Readable({
    highWaterMark: WAITING_BYTES_MAX,
    read: () => room.resolve(),
    destroy(error, done) {
      stop.abort()
      room.resolve()
      // It may be at rest between two batches.
      source.return().catch(() => {})
      done(error)
    },
  })

  /** Returns when the reader has taken enough for more; cuts off one that takes nothing. */
  async function push(text: string): Promise<void> {
    if (stream.destroyed) return
    room = Promise.withResolvers()
    if (stream.push(text)) return
    const over = new AbortController()
    const impatient = clock.sleep(patienceMs, over.signal).then(
      () => true,
      () => false,
    )
    const isSlow = await Promise.race([room.promise.then(() => false), impatient])
    over.abort()
    if (!isSlow || stream.destroyed) return
    stream.destroy(new MillraceError('event-stream-slow', { seconds: patienceMs / 1_000 }))
  }

  async function pump(): Promise<void> {
    let cursor: number | null = null
    if (form === 'sse') await push(`retry: ${RETRY_MS}\n\n`)
    let next = source.next()
    while (!stream.destroyed) {
      const over = new AbortController()
      const beat = clock.sleep(heartbeatMs, over.signal).then(
        () => null,
        () => null,
      )
      const came = await Promise.race([next, beat])
      over.abort()
      if (came === null) {
        // Also for programs: what was passed over need not be gone through again.
        if (form === 'sse') await push(cursor === null ? ':\n\n' : `:\nid: ${cursor}\n\n`)
        continue
      }
      if (came.done) return void stream.push(null)
      cursor = came.value.cursor
      for (const event of came.value.events) if (picks(event)) await push(toText(event, form))
      next = source.next()
    }
  }

  pump().catch((error: unknown) => stream.destroy(error as Error))
  return stream
}

function toText(event: DomainEvent, form: EventForm): string {
  const json = JSON.stringify(event)
  return form === 'sse'
    ? `id: ${event.sequence}\nevent: ${event.kind}\ndata: ${json}\n\n`
    : `${json}\n`
}
