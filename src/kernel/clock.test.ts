import assert from 'node:assert/strict'
import { test } from 'node:test'

import { systemClock } from '#kernel/clock.ts'

test('a sleep that is aborted rejects with the reason, at once or before it begins', async () => {
  const abort = new AbortController()
  const sleeping = systemClock.sleep(60_000, abort.signal)
  abort.abort(new Error('enough'))
  await assert.rejects(sleeping, /enough/)
  await assert.rejects(systemClock.sleep(60_000, abort.signal), /enough/)
})

test('a sleep that ends leaves no listener behind', async () => {
  const abort = new AbortController()
  let listeners = 0
  const { signal } = abort
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners++
    add(...args)
  }
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners--
    remove(...args)
  }
  await systemClock.sleep(1, signal)
  assert.equal(listeners, 0)
})
