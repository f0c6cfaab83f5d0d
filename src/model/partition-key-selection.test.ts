import assert from 'node:assert/strict'
import { test } from 'node:test'

import { MillraceError } from '#kernel/errors.ts'
import type { Partitioning } from '#model/definition.ts'
import {
  areNames,
  parseSelection,
  partsOfSelector,
  selects,
} from '#model/partition-key-selection.ts'

const exam = { key: { name: 'exam', values: null } }
const keyed: Partitioning = { grain: 'month', ...exam }
const sharded: Partitioning = { grain: 'month', shards: { count: 16, by: 'email' } }
const both: Partitioning = { ...keyed, ...sharded }
const uncut: Partitioning = { grain: 'none', ...exam, shards: { count: 4, by: 'email' } }

test('parts that are left out mean all of them', () => {
  assert.deepEqual(parseSelection('2021-04', keyed), ['2021-04'])
  assert.deepEqual(parseSelection('2021-04:exam-17', keyed), ['2021-04:exam-17'])
  assert.deepEqual(parseSelection('exam-17', keyed), [':exam-17'])
  assert.deepEqual(parseSelection(':2021', keyed), [':2021'])
  assert.deepEqual(parseSelection('2021-04:#03/16', both), ['2021-04:#03/16'])
  assert.deepEqual(parseSelection('#3', both), [':#03/16'])
  assert.deepEqual(parseSelection('exam-17:#3/16', both), [':exam-17:#03/16'])
  assert.deepEqual(parseSelection('exam-17', uncut), ['exam-17'])
  assert.deepEqual(parseSelection('exam-17:#3', uncut), ['exam-17:#3/4'])
  assert.deepEqual(parseSelection('all', uncut), ['all'])
  assert.deepEqual(parseSelection('2021', { grain: 'none', ...exam }), ['2021'])
})

test('ranges and coarser periods go with a key and a shard', () => {
  assert.deepEqual(parseSelection('2021-12..2022-01:exam-17', keyed), [
    '2021-12:exam-17',
    '2022-01:exam-17',
  ])
  assert.equal(parseSelection('2021', both).length, 12)
  assert.equal(parseSelection('2021:#0', sharded).at(-1), '2021-12:#00/16')
})

test('values are written as they are, or as they stand in names', () => {
  for (const text of ['2021-04:Prüfung 2', '2021-04:Prüfung%202']) {
    assert.deepEqual(parseSelection(text, keyed), ['2021-04:Prüfung%202'])
  }
  assert.deepEqual(parseSelection('2021-04:100%', keyed), ['2021-04:100%25'])
})

test('of a dataset that is cut by time alone, a selection is its keys', () => {
  assert.deepEqual(parseSelection('2021-04..2021-05', { grain: 'month' }), ['2021-04', '2021-05'])
  assert.throws(() => parseSelection('2021-04:exam-17', { grain: 'month' }), MillraceError)
})

test('what names nothing is refused with the reason and the way out', () => {
  const letters: Partitioning = { grain: 'month', key: { name: 'letter', values: ['a', 'b c'] } }
  const wrong: [string, Partitioning, RegExp][] = [
    ['2021-04:exam-17', sharded, /it has the key "exam-17", and the dataset has none/],
    ['2021-04:#3', keyed, /it has the shard #3, and the dataset has none/],
    ['2021-04:#16', sharded, /shards are #00\/16 to #15\/16/],
    ['2021-04:#3/8', sharded, /shards are #00\/16 to #15\/16/],
    ['2021-04:#', sharded, /shards are/],
    ['2021-04:a:b', keyed, /more than a period and a key/],
    ['2021-04:', keyed, /it is empty/],
    ['', keyed, /it is empty/],
    ['2021-04:c', letters, /"c" is not among the values of letter/],
    ['2021-13', keyed, /"2021-13" is not a partition key/],
    ['2021-05..2021-04:x', keyed, /not a partition key/],
  ]
  for (const [text, cut, message] of wrong) {
    assert.throws(
      () => parseSelection(text, cut),
      (error) => {
        assert.ok(error instanceof MillraceError, String(error))
        assert.match(error.message, message)
        return true
      },
      text,
    )
  }
  const error = (() => {
    try {
      return parseSelection('2021-04:x', letters)
    } catch (thrown) {
      return thrown
    }
  })()
  assert.ok(error instanceof MillraceError)
  assert.match(error.message, /cut by month, key letter \(a, 'b c'\)/)
  assert.match(error.remedy, /2021-04:a/)
})

test('a selector names exactly the partitions that have its parts', () => {
  const names = ['2021-04:a:#00/16', '2021-04:a:#01/16', '2021-04:b:#00/16', '2021-05:a:#00/16']
  const chosen = (...selectors: string[]) => names.filter(selects(selectors, both))
  assert.deepEqual(chosen('2021-04'), names.slice(0, 3))
  assert.deepEqual(chosen(':a'), [names[0], names[1], names[3]])
  assert.deepEqual(chosen(':#00/16'), [names[0], names[2], names[3]])
  assert.deepEqual(chosen('2021-04:a'), names.slice(0, 2))
  assert.deepEqual(chosen('2021-04:#01/16', '2021-05:a:#00/16'), [names[1], names[3]])
  assert.deepEqual(chosen('2021-04-01', ':c', 'all'), [])
  assert.deepEqual(['a:#0/4', 'b:#1/4'].filter(selects(['all'], uncut)), ['a:#0/4', 'b:#1/4'])
  assert.deepEqual(['a:#0/4', 'b:#1/4'].filter(selects(['#1/4'], uncut)), ['b:#1/4'])
})

test('a selector of one cut is none of another, unless it reads the same', () => {
  assert.equal(partsOfSelector('2021-04-17', keyed), null)
  assert.equal(partsOfSelector('2021-04:#03/16', keyed), null)
  assert.equal(partsOfSelector('2021-04:#03/08', sharded), null)
  assert.deepEqual(partsOfSelector(':a:#03/16', both), { period: null, key: 'a', shard: '#03/16' })
  assert.deepEqual(partsOfSelector('2021', { grain: 'month' }), {
    period: '2021',
    key: null,
    shard: null,
  })
  assert.equal(partsOfSelector(':a', { grain: 'month' }), null)
})

test('only full names are known without a look at what there is', () => {
  assert.ok(areNames(['2021-04:a:#03/16'], both))
  assert.ok(!areNames(['2021-04:a:#03/16', '2021-04:a'], both))
  assert.ok(areNames(['2021-04'], { grain: 'month' }))
})
