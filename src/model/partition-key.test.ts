import assert from 'node:assert/strict'
import { test } from 'node:test'

import fc from 'fast-check'

import { MillraceError } from '#kernel/errors.ts'
import {
  coarsen,
  endOf,
  grainOf,
  grains,
  isKeyOf,
  keyOf,
  parseKey,
  parseRange,
  shift,
  startOf,
  WHOLE,
  type Grain,
} from '#model/partition-key.ts'

const timed = ['year', 'month', 'day', 'hour'] as const
const anyInstant = fc.date({
  min: new Date('0000-01-01T00:00:00Z'),
  max: new Date('9999-12-31T23:59:59Z'),
  noInvalidDate: true,
})
const anyGrain = fc.constantFrom(...timed)

function refusal(run: () => unknown): MillraceError {
  try {
    run()
  } catch (error) {
    assert.ok(error instanceof MillraceError, String(error))
    assert.equal(error.code, 'partition-key-invalid')
    return error
  }
  assert.fail('it was accepted')
}

test('a key names the period that holds an instant', () => {
  const instant = new Date('2021-04-17T05:59:59.999Z')
  const keys = grains.map((grain) => keyOf(instant, grain))
  assert.deepEqual(keys, ['all', '2021', '2021-04', '2021-04-17', '2021-04-17T05'])
})

test('every instant lies in the period that its key names, and the next period begins where it ends', () => {
  fc.assert(
    fc.property(anyInstant, anyGrain, (instant, grain) => {
      const key = keyOf(instant, grain)
      assert.ok(isKeyOf(key, grain), key)
      assert.equal(grainOf(key), grain)
      assert.ok(startOf(key) <= instant && instant < endOf(key, grain), key)
      assert.equal(keyOf(startOf(key), grain), key)
      assert.equal(keyOf(new Date(endOf(key, grain).getTime() - 1), grain), key)
    }),
  )
})

test('keys compare as text in the order of time', () => {
  fc.assert(
    fc.property(anyInstant, anyInstant, anyGrain, (a, b, grain) => {
      const [first, second] = [keyOf(a, grain), keyOf(b, grain)]
      if (first < second) assert.ok(startOf(first) < startOf(second))
      else if (first > second) assert.ok(startOf(first) > startOf(second))
    }),
  )
})

test('shifting there and back gives the same key, and a step never skips a period', () => {
  fc.assert(
    fc.property(anyInstant, anyGrain, fc.integer({ min: -500, max: 500 }), (at, grain, steps) => {
      const key = keyOf(at, grain)
      const moved = shift(key, grain, steps)
      const atTheEdge = moved.startsWith('0000') || moved.startsWith('9999')
      if (!atTheEdge) assert.equal(shift(moved, grain, -steps), key)
      const next = shift(key, grain, 1)
      if (next !== key) assert.equal(startOf(next).getTime(), endOf(key, grain).getTime())
    }),
  )
})

test('leap years have a 29 February, other years do not', () => {
  for (const leap of ['2020-02-29', '2000-02-29', '2024-02-29T23'])
    assert.ok(isKeyOf(leap, leap.length > 10 ? 'hour' : 'day'), leap)
  for (const none of ['2021-02-29', '1900-02-29', '2100-02-29'])
    assert.ok(!isKeyOf(none, 'day'), none)
  assert.equal(shift('2020-02-28', 'day', 1), '2020-02-29')
  assert.equal(shift('2021-02-28', 'day', 1), '2021-03-01')
  assert.equal(parseRange('2020-02', 'day').length, 29)
  assert.equal(parseRange('2021', 'day').length, 365)
})

test('dates that do not exist and other spellings are no keys', () => {
  const wrong: [string, Grain][] = [
    ['2021-13', 'month'],
    ['2021-00', 'month'],
    ['2021-4', 'month'],
    ['2021-04', 'day'],
    ['2021-04', 'year'],
    ['2021-04-31', 'day'],
    ['2021-04-00', 'day'],
    ['2021-04-17T24', 'hour'],
    ['2021-04-17 05', 'hour'],
    ['2021-04-17T5', 'hour'],
    ['21', 'year'],
    ['-2021', 'year'],
    ['+02021', 'year'],
    ['2021-04 ', 'month'],
    ['2021-04\n', 'month'],
    ['٢٠٢١', 'year'],
    ['', 'year'],
    ['2021', 'none'],
    ['ALL', 'none'],
  ]
  for (const [key, grain] of wrong) {
    assert.ok(!isKeyOf(key, grain), `${key} as ${grain}`)
    refusal(() => parseKey(key, grain))
  }
})

test('a refused key says the value, the grain and how one is written', () => {
  const error = refusal(() => parseKey('April', 'month'))
  assert.match(error.message, /"April" is not a partition key of grain month/)
  assert.match(error.remedy, /2021-04/)
  assert.match(refusal(() => grainOf('April')).message, /"April"/)
})

test('arbitrary text is either refused or a key that names its own period', () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom(...grains), (text, grain) => {
      if (isKeyOf(text, grain)) assert.equal(keyOf(startOf(text), grain), text)
    }),
  )
})

test('a coarser period is a prefix of its keys', () => {
  assert.equal(coarsen('2021-04-17T05', 'day'), '2021-04-17')
  assert.equal(coarsen('2021-04-17', 'month'), '2021-04')
  assert.equal(coarsen('2021-04', 'year'), '2021')
  assert.equal(coarsen('2021-04', 'month'), '2021-04')
  assert.equal(coarsen('2021-04-17', 'none'), WHOLE)
})

test('a range holds both its ends and everything between, across years', () => {
  assert.deepEqual(parseRange('2020-11..2021-02', 'month'), [
    '2020-11',
    '2020-12',
    '2021-01',
    '2021-02',
  ])
  assert.deepEqual(parseRange('2021-04-30T23..2021-05-01T01', 'hour'), [
    '2021-04-30T23',
    '2021-05-01T00',
    '2021-05-01T01',
  ])
  assert.deepEqual(parseRange('2021-04', 'month'), ['2021-04'])
  assert.deepEqual(parseRange('2021-04..2021-04', 'month'), ['2021-04'])
  assert.deepEqual(parseRange('all', 'none'), ['all'])
})

test('a coarser key in a range stands for all of its periods', () => {
  const months = parseRange('2021', 'month')
  assert.deepEqual([months[0], months.at(-1), months.length], ['2021-01', '2021-12', 12])
  const days = parseRange('2020-02..2020', 'day')
  assert.deepEqual([days[0], days.at(-1), days.length], ['2020-02-01', '2020-12-31', 335])
})

test('a range that runs backwards, has three ends or is too fine is refused', () => {
  for (const text of ['2021-05..2021-04', '2021-04..2021-05..2021-06', '..2021-04', '2021-04..'])
    refusal(() => parseRange(text, 'month'))
  refusal(() => parseRange('2021-04-17', 'month'))
  refusal(() => parseRange('all', 'month'))
  refusal(() => parseRange('', 'month'))
  assert.match(refusal(() => parseRange('2021-05..2021-04', 'month')).remedy, /2021-04\.\.2021-05/)
})

test('the calendar of keys ends with the years 0000 and 9999', () => {
  assert.deepEqual(parseRange('9999-11..9999', 'month'), ['9999-11', '9999-12'])
  assert.deepEqual(parseRange('0000', 'year'), ['0000'])
  assert.equal(shift('9999-12-31', 'day', 3), '9999-12-31')
  assert.equal(shift('0000-01', 'month', -1), '0000-01')
  assert.equal(endOf('9999', 'year').toISOString(), '+010000-01-01T00:00:00.000Z')
})

test('a dataset that is not cut has one partition without neighbours', () => {
  assert.equal(shift(WHOLE, 'none', 3), WHOLE)
  assert.equal(startOf(WHOLE).getTime(), 0)
  assert.ok(endOf(WHOLE, 'none').getTime() > Date.parse('9999-12-31'))
})

test('a range that names more partitions than anybody means is refused', () => {
  assert.throws(
    () => parseRange('0001..9999', 'hour'),
    (error) => error instanceof MillraceError && error.code === 'partition-range-too-long',
  )
})
