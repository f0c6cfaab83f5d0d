import assert from 'node:assert/strict'
import { test } from 'node:test'

import { createMetrics } from '#kernel/metrics.ts'

test('counters, gauges and histograms in the text format of Prometheus', () => {
  const metrics = createMetrics()
  const requests = metrics.counter('requests_total', 'Requests.')
  requests.add({ route: '/v1/runs', status: '200' })
  requests.add({ route: '/v1/runs', status: '200' }, 2)
  requests.add({ route: 'a"b\\c\n', status: '404' })
  metrics.gauge('slots', 'Slots.', () => [{ labels: { lane: 'call' }, value: 4 }, { value: 1 }])
  const seconds = metrics.histogram('seconds', 'Time.')
  seconds.observe({ kind: 'build' }, 0.02)
  seconds.observe({ kind: 'build' }, 1000)
  const text = metrics.render()
  const lines = text.split('\n')
  for (const line of [
    '# HELP requests_total Requests.',
    '# TYPE requests_total counter',
    'requests_total{route="/v1/runs",status="200"} 3',
    'requests_total{route="a\\"b\\\\c\\n",status="404"} 1',
    'slots{lane="call"} 4',
    'slots 1',
    'seconds_bucket{kind="build",le="0.01"} 0',
    'seconds_bucket{kind="build",le="0.025"} 1',
    'seconds_bucket{kind="build",le="300"} 1',
    'seconds_bucket{kind="build",le="+Inf"} 2',
    'seconds_sum{kind="build"} 1000.02',
    'seconds_count{kind="build"} 2',
  ]) {
    assert.ok(lines.includes(line), `${line} is not in\n${text}`)
  }
  assert.ok(text.endsWith('\n'))
})

test('a label that is not bounded cannot fill the memory', () => {
  const metrics = createMetrics()
  const counter = metrics.counter('many', 'Many.')
  for (let i = 0; i < 5_000; i++) counter.add({ id: String(i) })
  assert.equal(metrics.render().split('\n').length, 1_003)
})
