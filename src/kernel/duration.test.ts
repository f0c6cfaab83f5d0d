import assert from 'node:assert/strict'
import { test } from 'node:test'

import { parseDuration } from '#kernel/duration.ts'

test('durations are read in the units that people write', () => {
  const cases = { '250ms': 250, '30s': 30_000, '10m': 600_000, '1.5h': 5_400_000, '1d': 86_400_000 }
  for (const [text, ms] of Object.entries({ ...cases, '1h30m': 5_400_000 })) {
    assert.equal(parseDuration(text), ms, text)
  }
})

test('what is no duration is refused', () => {
  for (const text of ['', '10', 'm', '10 m', '-5s', '1w', '1e3s', '5sx', '9'.repeat(13) + 's']) {
    assert.equal(parseDuration(text), null, text)
  }
})
