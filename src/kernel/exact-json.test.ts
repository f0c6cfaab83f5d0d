import assert from 'node:assert/strict'
import { test } from 'node:test'

import fc from 'fast-check'

import { parseExactJson, toPlainJson } from '#kernel/exact-json.ts'

test('a number that a double cannot hold comes out as it went in', () => {
  for (const text of [
    '{"id":12345678901234567890}',
    '[9007199254740993,-9007199254740993]',
    '0.1234567890123456789',
    '1e400',
    '{"a":[{"b":123456789012345678901234567890.5}]}',
  ]) {
    assert.equal(JSON.stringify(parseExactJson(text)), text)
  }
})

test('every other number is a number', () => {
  for (const text of [
    '1500',
    '1.5e3',
    '1500.000000000000000',
    '0.1',
    '-0.0000001',
    '1e21',
    '0e9',
  ]) {
    assert.equal(parseExactJson(text), Number(text), text)
  }
})

test('any JSON is read like JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      assert.deepEqual(toPlainJson(parseExactJson(text)), JSON.parse(text))
    }),
  )
})

test('plain numbers are the nearest ones', () => {
  assert.deepEqual(toPlainJson(parseExactJson('{"id":9007199254740993}')), {
    id: 9007199254740992,
  })
})
