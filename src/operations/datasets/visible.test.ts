import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { DatasetStatus } from '#factory/factory.ts'
import { fullAccess, type Access } from '#model/access.ts'
import type { DatasetDefinition } from '#model/definition.ts'
import { visibleStatus } from '#operations/datasets/visible.ts'

const definition = {
  name: 'scores',
  partitioning: { grain: 'month', key: { name: 'exam', values: null } },
} as unknown as DatasetDefinition

const partition = (name: string) => ({
  partition: name,
  state: 'stale' as const,
  causes: ['input hidden_dataset has changed'],
  rows: 7,
  publishedAt: '2026-11-22T00:00:00.000Z',
  runId: 'run_1',
})

const status: DatasetStatus = {
  dataset: 'scores',
  kind: 'source',
  description: '',
  grain: 'month',
  accepted: [{ from: 'a', by: 'anna', at: '2026-11-22T00:00:00.000Z', why: 'typo', partitions: 1 }],
  freshness: null,
  partitions: [partition('2021-04:one'), partition('2021-04:two')],
}

const seen = (access: Access) => visibleStatus(status, definition, { access })

test('whoever sees everything sees the whole status', () => {
  assert.deepEqual(seen(fullAccess), status)
})

test('whoever sees a part is told neither causes, which name other datasets, nor who accepted what', () => {
  const { partitions, accepted } = seen({ ...fullAccess, endpoints: ['scores'] })
  assert.deepEqual(
    partitions.map(({ causes, rows, state }) => ({ causes, rows, state })),
    Array.from({ length: 2 }, () => ({ causes: [], rows: 7, state: 'stale' })),
  )
  assert.deepEqual(accepted, [])
})

test('rows are not counted for whoever sees some of them, and partitions of other keys are not there', () => {
  const by = (column: string): Access => ({
    ...fullAccess,
    rows: { scores: [{ column, op: 'eq', value: 'two' }] },
  })
  assert.deepEqual(
    seen(by('student')).partitions.map(({ partition: name, rows }) => [name, rows]),
    [
      ['2021-04:one', null],
      ['2021-04:two', null],
    ],
  )
  assert.deepEqual(
    seen(by('exam')).partitions.map(({ partition: name, rows }) => [name, rows]),
    [['2021-04:two', 7]],
  )
})
