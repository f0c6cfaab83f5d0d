import assert from 'node:assert/strict'
import { test } from 'node:test'

import { JSON_DEPTH_MAX, parseStrictJson } from '#server/strict-json.ts'

const parse = (text: string) => parseStrictJson(Buffer.from(text))
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)

test('ordinary JSON is read as JSON.parse reads it', () => {
  for (const text of [
    '{"a":[1,2,{"b":null}],"c":"x"}',
    '[]',
    '"text"',
    '12.5',
    String.raw`{"a\"b":"{\"a\":1,\"a\":2}","a":"\\"}`,
    '{"a":{"x":1},"b":{"x":1}}',
    '[{"x":1},{"x":2}]',
  ]) {
    assert.deepEqual(parse(text), JSON.parse(text), text)
  }
})

test('depth is allowed up to the limit and refused above it', () => {
  assert.doesNotThrow(() => parse(nested(JSON_DEPTH_MAX)))
  assert.throws(() => parse(nested(JSON_DEPTH_MAX + 1)), /nested more than 64 deep/)
  assert.throws(() => parse(nested(100_000)), /nested more than 64 deep/)
})

test('a key that comes twice in one object is refused, however it is written', () => {
  assert.throws(() => parse('{"a":1,"a":2}'), /the key "a" comes twice/)
  assert.throws(() => parse(String.raw`{"a":1,"\u0061":2}`), /comes twice/)
  assert.throws(() => parse('[{"b":{"a":1,"c":[{}],"a":2}}]'), /the key "a" comes twice/)
})

test('keys that reach into prototypes are refused', () => {
  assert.throws(() => parse('{"__proto__":{"admin":true}}'), /"__proto__" is not allowed/)
  assert.throws(() => parse(String.raw`{"\u005f_proto__":1}`), /not allowed/)
})

test('what is no JSON, two values, or not UTF-8 is refused with a reason', () => {
  for (const text of ['{"a":1,}', '{} {}', 'NaN', "{'a':1}", '{"a":', '', '{"a" 1}']) {
    assert.throws(() => parse(text), { code: 'json-invalid' }, text)
  }
  assert.throws(() => parseStrictJson(Buffer.from([0x22, 0xff, 0x22])), /not UTF-8/)
})
