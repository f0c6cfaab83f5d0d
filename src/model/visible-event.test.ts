import assert from 'node:assert/strict'
import { test } from 'node:test'

import { fullAccess, type Access } from '#model/access.ts'
import type { DomainEvent } from '#model/domain-event.ts'
import { visibleEvent } from '#model/visible-event.ts'
import { buildSource } from '../../test/support/build-definitions.ts'

const event = (kind: DomainEvent['kind'], data: object): DomainEvent =>
  ({
    id: 'evt_a_1',
    sequence: 1,
    kind,
    at: '2026-01-01T00:00:00Z',
    tenant: 'a',
    data,
  }) as DomainEvent

const sales = buildSource('sales', { key: 'shop' })
const definitionOf = (name: string) => (name === 'sales' ? sales : undefined)
const see = (told: DomainEvent, access: Partial<Access>) =>
  visibleEvent(told, { ...fullAccess, ...access }, definitionOf)?.data ?? null

const published = event('partition.published', {
  dataset: 'sales',
  run: 'run_1',
  commit: 7,
  partitions: ['2021-04|north', '2021-04|south'],
})
const north = { sales: [{ column: 'shop', op: 'eq', value: 'north' }] } as const

test('whoever sees everything is told everything', () => {
  assert.equal(visibleEvent(published, fullAccess, definitionOf), published)
})

test('whoever sees some datasets is told when they are published, and nothing of the work', () => {
  assert.deepEqual(see(published, { endpoints: ['sales'] }), {
    dataset: 'sales',
    commit: 7,
    partitions: published.data['partitions' as never],
  })
  assert.equal(see(published, { endpoints: ['other'] }), null)
  for (const kind of ['run.started', 'partition.held', 'quarantine.grew', 'task.failed'] as const) {
    const told = event(kind, { dataset: 'sales', run: 'run_1' })
    assert.equal(see(told, { endpoints: ['sales'] }), null, kind)
  }
})

test('whoever sees some rows is told of partitions that hold them', () => {
  assert.deepEqual(see(published, { rows: north }), {
    dataset: 'sales',
    commit: 7,
    partitions: ['2021-04|north'],
  })
  const south = event('partition.published', {
    dataset: 'sales',
    commit: 7,
    partitions: ['2021-04|south'],
  })
  assert.equal(see(south, { rows: north }), null)
  const stale = { dataset: 'sales', maxAgeMs: 1, newest: '2021-04|south', since: '2021' }
  assert.deepEqual(see(event('freshness.breached', stale), { rows: north }), {
    ...stale,
    newest: null,
  })
})

test('partitions of a dataset that is not there any more are shown to nobody with conditions', () => {
  const gone = event('partition.published', { dataset: 'gone', commit: 1, partitions: ['1'] })
  const rows = { gone: [{ column: 'shop', op: 'eq', value: 'north' }] } as const
  assert.equal(see(gone, { rows }), null)
})
