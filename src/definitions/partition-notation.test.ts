import assert from 'node:assert/strict'
import { test } from 'node:test'

import fc from 'fast-check'

import { parsePartitioning } from '#definitions/partition-notation.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Partitioning } from '#model/definition.ts'
import { cutText, keyProblem } from '#model/partition-key-parts.ts'
import { grains } from '#model/partition-key.ts'

const place = { file: 'analyses/x.sql', line: 2 }
const parse = (text: string) => parsePartitioning(text, place)

test('a grain, a key and shards, as far as there are any', () => {
  assert.deepEqual(parse('month'), { grain: 'month' })
  assert.deepEqual(parse('none'), { grain: 'none' })
  const exam = { name: 'exam', values: null }
  assert.deepEqual(parse('month, key exam'), { grain: 'month', key: exam })
  assert.deepEqual(parse('key exam'), { grain: 'none', key: exam })
  assert.deepEqual(parse('none,key exam'), { grain: 'none', key: exam })
  const shards = { count: 16, by: 'email' }
  assert.deepEqual(parse('shards 16 by email'), { grain: 'none', shards })
  assert.deepEqual(parse('day , key exam,  shards 16 by email'), {
    grain: 'day',
    key: exam,
    shards,
  })
  assert.deepEqual(parse('shards 2 by "e mail, old"').shards?.by, 'e mail, old')
})

test('the values of a static key stand in parentheses, in quotes where they need them', () => {
  const values = (list: string) => parse(`month, key country (${list}), shards 2 by x`).key?.values
  assert.deepEqual(values('de'), ['de'])
  assert.deepEqual(values(`de, 'a, b', 'it''s (x)','#:'`), ['de', 'a, b', "it's (x)", '#:'])
})

test('what is said is read back', () => {
  const anyValue = fc
    .string({ minLength: 1, unit: 'grapheme' })
    .filter((value) => keyProblem(value) === null && !/[\r\n]/.test(value))
  const cuts: fc.Arbitrary<Partitioning> = fc
    .record({
      grain: fc.constantFrom(...grains),
      values: fc.option(fc.uniqueArray(anyValue, { minLength: 1, maxLength: 4 })),
      isKeyed: fc.boolean(),
      count: fc.option(fc.integer({ min: 2, max: 4096 })),
    })
    .map(({ grain, values, isKeyed, count }) => ({
      grain,
      ...(isKeyed && { key: { name: 'exam', values } }),
      ...(count !== null && { shards: { count, by: 'email' } }),
    }))
  fc.assert(fc.property(cuts, (cut) => assert.deepEqual(parse(cutText(cut)), cut)))
})

test('what cuts nothing is refused with file, line and the way out', () => {
  const wrong: [string, RegExp][] = [
    ['', /is not a partitioning/],
    ['week', /"week" is not a partitioning/],
    ['month, day', /"day" of "month, day" cuts nothing/],
    ['key exam, month', /"month"/],
    ['month, key', /does not name a key/],
    ['month, key Exam', /"Exam" cannot name a key/],
    ['month, key tenant', /"tenant" cannot name a key: the word is taken/],
    ['month, key yyyy', /"yyyy" cannot name a key/],
    ['month, key exam ()', /is not a list of values/],
    ['month, key exam (a b)', /is not a list of values/],
    ['month, key exam (a, a)', /twice/],
    [`month, key exam ('')`, /it is empty/],
    ['month, key exam, key school', /"key school"/],
    ['shards 16', /does not say how many shards/],
    ['shards 1 by email', /does not say how many shards/],
    ['shards 5000 by email', /does not say how many shards/],
    ['shards 16 by email, key exam', /"key exam"/],
  ]
  for (const [text, message] of wrong) {
    assert.throws(
      () => parse(text),
      (error) => {
        assert.ok(error instanceof MillraceError, String(error))
        assert.equal(error.code, 'definition-invalid')
        assert.match(error.message, message)
        assert.match(error.message, /x\.sql:2/)
        assert.match(error.remedy, /month|email|exam|name|text|values/i)
        return true
      },
      text,
    )
  }
})
