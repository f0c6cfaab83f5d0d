import assert from 'node:assert/strict'
import { test } from 'node:test'

import { createCollapse } from '#serving/answers/collapse.ts'

function job() {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const seen: { signals: AbortSignal[] } = { signals: [] }
  const work = (signal: AbortSignal) => {
    seen.signals.push(signal)
    signal.addEventListener('abort', () => reject(new Error('stopped')))
    return promise
  }
  return { work, resolve, reject, seen }
}

test('many who ask the same wait for one piece of work', async () => {
  const collapse = createCollapse<number>()
  const { work, resolve, seen } = job()
  const all = Array.from({ length: 5 }, () => collapse.run('a', undefined, work))
  resolve(7)
  assert.deepEqual(await Promise.all(all), [7, 7, 7, 7, 7])
  assert.equal(seen.signals.length, 1)
  const again = job()
  again.resolve(8)
  assert.equal(await collapse.run('a', undefined, again.work), 8)
})

test('work goes on while one still waits, and is cancelled when the last has gone', async () => {
  const collapse = createCollapse<number>()
  const { work, seen } = job()
  const [first, second] = [new AbortController(), new AbortController()]
  const one = collapse.run('a', first.signal, work)
  const two = collapse.run('a', second.signal, work)
  first.abort(new Error('gone'))
  await assert.rejects(one)
  assert.equal(seen.signals[0]?.aborted, false)
  second.abort(new Error('gone, too'))
  await assert.rejects(two)
  assert.equal(seen.signals[0]?.aborted, true)
  const later = job()
  later.resolve(3)
  assert.equal(await collapse.run('a', undefined, later.work), 3)
})

test('an error reaches everybody who waits, and nobody after them', async () => {
  const collapse = createCollapse<number>()
  const { work, reject } = job()
  const both = [collapse.run('a', undefined, work), collapse.run('a', undefined, work)]
  reject(new Error('broken'))
  const ends = await Promise.allSettled(both)
  assert.ok(ends.every(({ status }) => status === 'rejected'))
  const next = job()
  next.resolve(1)
  assert.equal(await collapse.run('a', undefined, next.work), 1)
})

test('whoever has gone already begins nothing', async () => {
  const collapse = createCollapse<number>()
  const { work, seen } = job()
  await assert.rejects(collapse.run('a', AbortSignal.abort(), work))
  assert.equal(seen.signals.length, 0)
})
