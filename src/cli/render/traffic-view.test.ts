import assert from 'node:assert/strict'
import { test } from 'node:test'

import { renderTrafficByEndpoint, renderTrafficByHour } from '#cli/render/endpoints-view.ts'
import { plainLook } from '#cli/render/look.ts'

const text = (lines: readonly string[]) => `\n${lines.join('\n')}\n`
const span = {
  since: '2026-11-21T06:00:00.000Z',
  until: '2026-11-22T06:00:00.000Z',
  boundsMs: [1, 5_000],
}
const load = {
  requests: 1_200,
  refused: 2,
  unavailable: 1,
  broken: 0,
  cached: 7,
  rows: 9,
  bytes: 9,
  averageMs: 1,
  p50Ms: 1,
  p95Ms: null,
  p99Ms: null,
  latency: [1_199, 0, 1],
}

test('traffic is told by endpoint, by hour and by caller; what is slower than the bounds is', () => {
  const endpoints = [{ ...load, endpoint: 'top', callers: 2, hours: [] }]
  assert.equal(
    text(renderTrafficByEndpoint(plainLook, { ...span, endpoints, next: null })),
    `
  endpoint  requests  errors  cached     p50      p95  callers
  top          1,200       3       7  ≤ 1 ms  > 5.0 s        2
`,
  )
  const hours = [{ ...load, hour: '2026-11-22T05:00:00.000Z' }]
  const callers = [{ ...load, caller: 'key mk_1\u001b[2J', lastHour: '2026-11-22T05:00:00.000Z' }]
  assert.equal(
    text(renderTrafficByHour(plainLook, { ...span, hours, callers })),
    `
  hour (UTC)        requests  errors  cached     p50      p95
  2026-11-22 05:00     1,200       3       7  ≤ 1 ms  > 5.0 s

  caller        requests  errors  cached     p50      p95
  key mk_1␛[2J     1,200       3       7  ≤ 1 ms  > 5.0 s
`,
  )
})
