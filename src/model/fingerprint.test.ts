import assert from 'node:assert/strict'
import { test } from 'node:test'

import { sha256 } from '#kernel/hash.ts'
import { buildGraph } from '#model/build-graph.ts'
import { analysisFingerprint, sourceFingerprint } from '#model/fingerprint.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import { buildAnalysis, buildSource, buildState } from '../../test/support/build-definitions.ts'

const events = buildSource('events', { observes: 'day' })
const providers = buildSource('providers', { reference: true })
const byDay = buildAnalysis('by_day', 'day', { events: 'observed' })
const byMonth = buildAnalysis('by_month', 'month', { by_day: 'roll-up', providers: 'all' })

function graphOf(given: { april?: string; gone?: boolean; second?: string; providers?: string }) {
  const observed = [
    { value: '2021-03-31', dataVersion: 'v31', rows: given.gone ? 0 : 2 },
    { value: '2021-04-01', dataVersion: given.april ?? 'v01', rows: 5 },
  ]
  return buildGraph(
    [events, providers, byDay, byMonth],
    new Map([
      ['events', buildState('events', { '2021-04': { dataVersion: 'e4', observed } })],
      ['providers', buildState('providers', { all: { dataVersion: given.providers ?? 'p' } })],
      [
        'by_day',
        buildState('by_day', {
          '2021-04-01': { dataVersion: 'd01' },
          '2021-04-02': { dataVersion: given.second ?? 'd02' },
        }),
      ],
    ]),
  )
}

const ofDay = (given: Parameters<typeof graphOf>[0], key: PartitionKey) =>
  analysisFingerprint(graphOf(given), byDay, key, new Map())
const ofMonth = (given: Parameters<typeof graphOf>[0]) =>
  analysisFingerprint(graphOf(given), byMonth, '2021-04', new Map())

test('the texts that are hashed are a contract: a change of them makes every deployment stale', () => {
  assert.equal(
    sourceFingerprint(events, { location: 's3://b/2021/04.csv', etag: '"x"' }),
    sha256(`${events.codeVersion}\ns3://b/2021/04.csv\n"x"\n`),
  )
  assert.equal(
    ofDay({}, '2021-04-01'),
    sha256(`${byDay.codeVersion}\nevents observed\n2021-04/2021-04-01 v01\n`),
  )
  const whole = sha256('all p\n')
  assert.equal(
    ofMonth({}),
    sha256(
      `${byMonth.codeVersion}\nby_day roll-up\n2021-04-01 d01\n2021-04-02 d02\nproviders all\n${whole}\n`,
    ),
  )
})

test('only what a partition reads counts', () => {
  assert.notEqual(ofDay({ april: 'other' }, '2021-04-01'), ofDay({}, '2021-04-01'))
  assert.equal(ofDay({ april: 'other' }, '2021-03-31'), ofDay({}, '2021-03-31'))
  assert.notEqual(ofMonth({ second: 'other' }), ofMonth({}))
  assert.notEqual(ofMonth({ providers: 'other' }), ofMonth({}))
})

test('a value that is gone from its file is as if it had never been there', () => {
  const nothing = sha256(`${byDay.codeVersion}\nevents observed\n`)
  assert.equal(ofDay({ gone: true }, '2021-03-31'), nothing)
  assert.notEqual(ofDay({}, '2021-03-31'), nothing)
})

test('a partition that could be there and is not counts as nothing', () => {
  // 31 March is known from the file, but no version of its day exists.
  assert.equal(
    analysisFingerprint(graphOf({}), byMonth, '2021-03', new Map()),
    sha256(`${byMonth.codeVersion}\nby_day roll-up\nproviders all\n${sha256('all p\n')}\n`),
  )
})

test('other code is another fingerprint, over the same inputs', () => {
  const other = { ...byDay, codeVersion: sha256('other') }
  assert.notEqual(
    analysisFingerprint(graphOf({}), other, '2021-04-01', new Map()),
    ofDay({}, '2021-04-01'),
  )
})
