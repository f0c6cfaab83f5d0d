import assert from 'node:assert/strict'
import { test } from 'node:test'

import { criticalPath, type PathTask } from '#model/critical-path.ts'

const task = (id: number, createdAt: number, startedAt: number | null, endedAt: number | null) =>
  [id, { task: id, createdAt, startedAt, endedAt }] as const

test('each step is ready when the one before has ended', () => {
  const tasks = new Map<number, PathTask>([
    task(1, 0, 2, 10),
    task(2, 0, 12, 20),
    task(3, 0, 20, null),
  ])
  const gates = new Map([
    [3, 2],
    [2, 1],
  ])
  assert.deepEqual(criticalPath(3, gates, tasks), [
    { task: 1, readyAt: 0, startedAt: 2, endedAt: 10 },
    { task: 2, readyAt: 10, startedAt: 12, endedAt: 20 },
    { task: 3, readyAt: 20, startedAt: 20, endedAt: null },
  ])
})

test('a gate that is gone ends the chain, and a circle does, too', () => {
  const tasks = new Map<number, PathTask>([task(1, 5, 6, 7), task(2, 5, 8, 9)])
  assert.deepEqual(
    criticalPath(2, new Map([[2, 99]]), tasks).map((step) => step.task),
    [2],
  )
  const round = new Map([
    [2, 1],
    [1, 2],
  ])
  assert.deepEqual(
    criticalPath(2, round, tasks).map((step) => step.task),
    [1, 2],
  )
})
