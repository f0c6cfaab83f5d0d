import assert from 'node:assert/strict'
import { test } from 'node:test'

import { buildGraph } from '#model/build-graph.ts'
import { changedInputs, versionInputs } from '#model/explain.ts'
import { buildAnalysis, buildSource, buildState } from '../../test/support/build-definitions.ts'

const events = buildSource('events', { observes: 'day' })
const byMonth = buildAnalysis('by_month', 'month', { events: 'observed' })

/** Days of April's file with their data versions; null: gone. */
function inputsOf(days: Readonly<Record<string, string | null>>) {
  const observed = Object.entries(days).map(([value, dataVersion]) => ({
    value,
    dataVersion: dataVersion ?? 'gone:0',
    rows: dataVersion === null ? 0 : 1,
  }))
  const states = new Map([
    ['events', buildState('events', { '2021-04': { dataVersion: 'e', observed } })],
  ])
  return buildGraph([events, byMonth], states)
}

function explain(
  before: Readonly<Record<string, string | null>>,
  now: Readonly<Record<string, string | null>>,
): string[] {
  const recorded = versionInputs(inputsOf(before), byMonth, '2021-04')
  return changedInputs(inputsOf(now), byMonth, '2021-04', recorded).map(
    ({ kind, text }) => `${kind}: ${text}`,
  )
}

test('what a version was computed from is every live part with its data version', () => {
  const graph = inputsOf({ '2021-04-01': 'a', '2021-04-02': null })
  assert.deepEqual(versionInputs(graph, byMonth, '2021-04'), [
    { dataset: 'events', partition: '2021-04', value: '2021-04-01', dataVersion: 'a' },
  ])
})

test('equal inputs give no reason', () => {
  assert.deepEqual(explain({ '2021-04-01': 'a' }, { '2021-04-01': 'a' }), [])
})

test('changed, new and vanished inputs are named, each as what it is', () => {
  assert.deepEqual(
    explain(
      { '2021-04-01': 'a', '2021-04-02': 'b', '2021-04-03': 'c' },
      { '2021-04-01': 'x', '2021-04-02': 'b', '2021-04-03': null, '2021-04-04': 'd' },
    ),
    [
      'input: events 2021-04 (2021-04-01) changed',
      'input-new: events 2021-04 (2021-04-04) is new',
      'input-gone: events 2021-04 (2021-04-03) is gone',
    ],
  )
})

test('three are named, the others are counted', () => {
  const days = Array.from({ length: 5 }, (_day, index) => `2021-04-0${index + 1}`)
  const all = (version: string) => Object.fromEntries(days.map((day) => [day, version]))
  const [one, two, three] = days.map((day) => `events 2021-04 (${day})`)
  assert.deepEqual(explain(all('a'), all('b')), [
    `input: ${one}, ${two}, ${three} and 2 more changed`,
  ])
  assert.deepEqual(explain({}, all('b')), [
    `input-new: ${one}, ${two}, ${three} and 2 more are new`,
  ])
})
