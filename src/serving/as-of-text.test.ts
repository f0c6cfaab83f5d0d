import assert from 'node:assert/strict'
import { test } from 'node:test'

import { MillraceError } from '#kernel/errors.ts'
import { parseAsOf } from '#serving/as-of-text.ts'

test('a commit number, a time, and a day with its end are understood', () => {
  assert.deepEqual(parseAsOf('17'), { commit: 17 })
  assert.deepEqual(parseAsOf('2026-11-02T10:00:00Z'), { time: new Date('2026-11-02T10:00:00Z') })
  assert.deepEqual(parseAsOf('2026-11-02T10:00+02:00'), { time: new Date('2026-11-02T08:00:00Z') })
  assert.deepEqual(parseAsOf('2026-11-02'), { time: new Date('2026-11-02T23:59:59.999Z') })
})

test('what is neither is refused by its value', () => {
  for (const text of ['', 'now', '-1', '1.5', '2026-02-30', '2026-13-01', '2026-11-02T25:00Z']) {
    assert.throws(
      () => parseAsOf(text),
      (error) => error instanceof MillraceError && error.code === 'as-of-invalid',
      text,
    )
  }
  assert.throws(() => parseAsOf('2026-11-02T10:00:00'), /neither/)
})
