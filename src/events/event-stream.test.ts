import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'

import type { EventBatch } from '#events/event-feed.ts'
import { openEventStream } from '#events/event-stream.ts'
import { systemClock } from '#kernel/clock.ts'
import type { DomainEvent } from '#model/domain-event.ts'

const event = (sequence: number, run = `${sequence}`): DomainEvent<'run.started'> => ({
  id: `evt_a_${sequence}`,
  sequence,
  kind: 'run.started',
  at: '2026-01-01T00:00:00.000Z',
  tenant: 'a',
  data: { run },
})

const quick = { form: 'sse', picks: () => true, clock: systemClock } as const

test('a reader that takes nothing is cut off, and nothing is fetched for it meanwhile', async () => {
  let fetched = 0
  let released = false
  async function* batches(): AsyncGenerator<EventBatch, void, undefined> {
    try {
      for (let at = 1; ; at++) {
        fetched++
        yield { events: [event(at, 'x'.repeat(30_000))], cursor: at }
      }
    } finally {
      released = true
    }
  }
  const stream = openEventStream(batches, { ...quick, patienceMs: 50 })
  const error = await new Promise<Error & { code?: string }>((resolve) =>
    stream.once('error', resolve),
  )
  assert.equal(error.code, 'event-stream-slow')
  assert.ok(fetched <= 4, `${fetched} batches`)
  await setTimeout(10)
  assert.ok(released)
})

test('silence is broken by a comment, which carries how far the events were passed over', async () => {
  async function* batches(signal: AbortSignal): AsyncGenerator<EventBatch, void, undefined> {
    yield { events: [event(7)], cursor: 9 }
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
  }
  const stream = openEventStream(batches, { ...quick, picks: () => false, heartbeatMs: 20 })
  let text = ''
  for await (const chunk of stream) {
    text += String(chunk)
    if (text.includes('id: 9')) break
  }
  assert.match(text, /^retry: 3000\n\n:\nid: 9\n\n/)
})

test('a reader that goes ends what it listened to', async () => {
  let ended = false
  async function* batches(signal: AbortSignal): AsyncGenerator<EventBatch, void, undefined> {
    yield { events: [event(1)], cursor: 1 }
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    ended = true
  }
  const stream = openEventStream(batches, { ...quick, form: 'ndjson' })
  for await (const chunk of stream) {
    assert.deepEqual(JSON.parse(String(chunk)), event(1))
    break
  }
  for (let waited = 0; !ended && waited < 200; waited++) await setTimeout(5)
  assert.ok(ended)
})
