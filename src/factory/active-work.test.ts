import assert from 'node:assert/strict'
import { test } from 'node:test'

import { createActiveWorkBoard } from '#factory/active-work.ts'
import type { ActiveWork } from '#model/run-view.ts'

const work = (step: ActiveWork['step']): ActiveWork => ({
  dataset: 'events',
  partitions: ['2021-04'],
  step,
  bytes: null,
  totalBytes: null,
})

test('a run shows what its own batches are doing, the newest step of each', () => {
  const board = createActiveWorkBoard()
  board.set('batch-1', 'run-1', work('fetch'))
  board.set('batch-2', 'run-2', work('query'))
  board.set('batch-1', 'run-1', work('convert'))
  assert.deepEqual(board.ofRun('run-1'), [work('convert')])
  assert.deepEqual(board.ofRun('run-2'), [work('query')])
})

test('a batch that has ended is gone', () => {
  const board = createActiveWorkBoard()
  board.set('batch-1', 'run-1', work('fetch'))
  board.set('batch-1', 'run-1', null)
  assert.deepEqual(board.ofRun('run-1'), [])
})

test('who watches a run hears of every change of it until they stop, and of no other run', () => {
  const board = createActiveWorkBoard()
  let heard = 0
  const stop = board.onChange('run-1', () => heard++)
  board.set('batch-1', 'run-1', work('fetch'))
  board.set('batch-2', 'run-2', work('fetch'))
  board.set('batch-1', 'run-1', null)
  assert.equal(heard, 2)
  stop()
  board.set('batch-1', 'run-1', work('fetch'))
  assert.equal(heard, 2)
})

test('two watchers of a run stop one by one', () => {
  const board = createActiveWorkBoard()
  const heard: string[] = []
  const stopFirst = board.onChange('run-1', () => heard.push('first'))
  board.onChange('run-1', () => heard.push('second'))
  stopFirst()
  board.set('batch-1', 'run-1', work('fetch'))
  assert.deepEqual(heard, ['second'])
})
