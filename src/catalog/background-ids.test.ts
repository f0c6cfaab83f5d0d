import assert from 'node:assert/strict'
import { test } from 'node:test'

import fc from 'fast-check'

import { parseTaskId, taskName } from '#catalog/background-ids.ts'

test('a name leads back to its number, and no two numbers share one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (id) => {
      const name = taskName(id)
      assert.match(name, /^task_[0-9a-z]{11}$/)
      assert.equal(parseTaskId(name), id)
    }),
  )
})

test('names never change: they are in the hands of other services', () => {
  assert.deepEqual([1, 2, 1_000_000].map(taskName), [
    'task_9a5yj8myv6x',
    'task_jmbx4h9xpdt',
    'task_bre88qdyca0',
  ])
})

test('what is no name of a task has no number', () => {
  for (const text of ['', '0', '-1', '1.5', 'task_', 'task_0000000000', 'task_00000000000', 'x'])
    assert.equal(parseTaskId(text), null, text)
  assert.equal(parseTaskId('17'), 17)
})
