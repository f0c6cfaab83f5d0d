import assert from 'node:assert/strict'
import { test } from 'node:test'

import fc from 'fast-check'

import type { Partitioning } from '#model/definition.ts'
import {
  cutText,
  isPartitionOf,
  joinKey,
  keyProblem,
  keyText,
  keyValue,
  shardText,
  splitKey,
} from '#model/partition-key-parts.ts'

const anyValue = fc
  .oneof(fc.string({ minLength: 1, unit: 'grapheme' }), fc.string({ minLength: 1, unit: 'binary' }))
  .filter((value) => keyProblem(value) === null)

test('the text of a value is a contract: it stands in the names of stored partitions', () => {
  const golden: [string, string][] = [
    ['exam-17', 'exam-17'],
    ['a.b_c~d@e', 'a.b_c~d@e'],
    ['a:b c', 'a%3Ab%20c'],
    ['#03/16', '%2303%2F16'],
    ['all', '%61ll'],
    ['..', '.%2E'],
    ['a...b', 'a.%2E%2Eb'],
    ['100%', '100%25'],
    ['%41', '%2541'],
    ["it's (x)*!", 'it%27s%20%28x%29%2A%21'],
    ['a,b;c&d=e+f', 'a%2Cb%3Bc%26d%3De%2Bf'],
    ['Prüfung', 'Prüfung'],
    ['試験', '試験'],
    ['e\u0301', 'e\u0301'],
    ['😀', '%F0%9F%98%80'],
    ['\ufeff\u202e\u200b', '%EF%BB%BF%E2%80%AE%E2%80%8B'],
    ['a\u00a0b\tc\n', 'a%C2%A0b%09c%0A'],
    ['2021-04', '2021-04'],
    ['<script>', '%3Cscript%3E'],
    ["'; DROP TABLE x; --", '%27%3B%20DROP%20TABLE%20x%3B%20--'],
    ['\\', '%5C'],
    ['NULL', 'NULL'],
  ]
  for (const [value, text] of golden) {
    assert.equal(keyText(value), text)
    assert.equal(keyValue(text), value)
  }
})

test('every value comes back from its text, and from the name of a partition', () => {
  const cuts: Partitioning[] = [
    { grain: 'none', key: { name: 'exam', values: null } },
    { grain: 'month', key: { name: 'exam', values: null } },
    { grain: 'none', key: { name: 'exam', values: null }, shards: { count: 16, by: 'a' } },
    { grain: 'hour', key: { name: 'exam', values: null }, shards: { count: 1000, by: 'a' } },
  ]
  fc.assert(
    fc.property(anyValue, fc.constantFrom(...cuts), fc.nat(9), (value, cut, number) => {
      const period = { none: 'all', month: '2021-04', hour: '2021-04-17T05' }[cut.grain as 'none']
      const shard = cut.shards ? shardText(number, cut.shards) : ''
      const name = joinKey(period, keyText(value), shard)
      const parts = splitKey(name, cut)
      assert.deepEqual(parts, { period, key: keyText(value), shard })
      assert.equal(keyValue(parts.key), value)
      assert.ok(isPartitionOf(name, cut), name)
      assert.doesNotMatch(name, /[\s,]|\.\./)
    }),
    { numRuns: 1000 },
  )
})

test('names have one order, whether they are compared as UTF-8 or as UTF-16', () => {
  fc.assert(
    fc.property(anyValue, anyValue, (a, b) => {
      const [first, second] = [keyText(a), keyText(b)]
      const bytes = Buffer.compare(Buffer.from(first), Buffer.from(second))
      assert.equal(Math.sign(bytes), first < second ? -1 : first > second ? 1 : 0)
      assert.equal(first === second, a === b)
    }),
    { numRuns: 1000 },
  )
})

test('empty, endless and broken texts are no values', () => {
  for (const value of ['', 'x'.repeat(601), '試'.repeat(201), '\ud800', 'a\0b']) {
    assert.notEqual(keyProblem(value), null, JSON.stringify(value))
  }
  assert.equal(keyProblem('x'.repeat(600)), null)
})

test('a name is one of a cut only if every part of it is', () => {
  const keyed = { name: 'exam', values: null }
  const cut: Partitioning = { grain: 'month', key: keyed, shards: { count: 16, by: 'email' } }
  assert.ok(isPartitionOf('2021-04:exam-17:#03/16', cut))
  for (const name of [
    '2021-04',
    '2021-04:exam-17',
    '2021-04:#03/16',
    '2021-04::#03/16',
    '2021-13:exam-17:#03/16',
    '2021-04:exam 17:#03/16',
    '2021-04:exam%2d17:#03/16',
    '2021-04:a:b:#03/16',
    '2021-04:exam-17:#3/16',
    '2021-04:exam-17:#16/16',
    '2021-04:exam-17:#03/08',
    '2021-04:exam-17:#03/16 ',
    'exam-17:#03/16',
  ]) {
    assert.ok(!isPartitionOf(name, cut), name)
  }
  assert.ok(!isPartitionOf('all', { grain: 'none', key: keyed }))
  assert.ok(isPartitionOf('2021', { grain: 'none', key: keyed }))
  const listed = { grain: 'none', key: { name: 'exam', values: ['a', 'b c'] } } as const
  assert.ok(isPartitionOf('b%20c', listed))
  assert.ok(!isPartitionOf('d', listed))
})

test('arbitrary text never counts as a name that it does not spell', () => {
  const cut: Partitioning = {
    grain: 'none',
    key: { name: 'exam', values: null },
    shards: { count: 4, by: 'a' },
  }
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      for (const name of [text, `${text}:#1/4`]) {
        if (!isPartitionOf(name, cut)) continue
        const { period, key, shard } = splitKey(name, cut)
        assert.equal(joinKey(period, keyText(keyValue(key) ?? ''), shard), name)
      }
    }),
  )
})

test('a cut is spoken as a header writes it', () => {
  assert.equal(cutText({ grain: 'none' }), 'none')
  assert.equal(cutText({ grain: 'none', shards: { count: 8, by: 'email' } }), 'shards 8 by email')
  const key = { name: 'country', values: ['de', "l'été", 'a, b'] }
  const cut: Partitioning = { grain: 'day', key, shards: { count: 16, by: 'e mail' } }
  assert.equal(cutText(cut), `day, key country (de, 'l''été', 'a, b'), shards 16 by "e mail"`)
})
