import assert from 'node:assert/strict'
import { test } from 'node:test'

import { cut, harmless, padEnd, padStart, widthOf, wrap } from '#cli/render/text.ts'

test('wide characters take two cells, combining ones and colours none', () => {
  assert.equal(widthOf('abc'), 3)
  assert.equal(widthOf('日本'), 4)
  assert.equal(widthOf('é'.normalize('NFD')), 1)
  assert.equal(widthOf('\u001b[31mred\u001b[39m'), 3)
  assert.equal(widthOf('🎉'), 2)
})

test('texts are cut to cells, never through a wide character', () => {
  assert.equal(cut('abcdef', 6), 'abcdef')
  assert.equal(cut('abcdef', 4), 'abc…')
  assert.equal(cut('日本語', 4), '日…')
  assert.equal(cut('abc', 0), '')
})

test('padding counts cells', () => {
  assert.equal(padEnd('日', 4), '日  ')
  assert.equal(padStart('12', 4), '  12')
})

test('what could steer a terminal is shown, not sent', () => {
  assert.equal(harmless('a\u001b[2Jb'), 'a␛[2Jb')
  assert.equal(harmless('line\r\nnext\ttab\u0000'), 'line␍␊next␉tab␀')
  assert.equal(harmless('\u009b31m\u007f'), '‹009b›31m␡')
  assert.equal(harmless('abc\u202edef\u2066'), 'abc‹202e›def‹2066›')
  assert.equal(harmless('Zoë 日本 🎉'), 'Zoë 日本 🎉')
  for (let code = 0; code < 0xa0; code++) {
    const shown = harmless(String.fromCharCode(code))
    // oxlint-disable-next-line no-control-regex -- control characters must be gone
    assert.doesNotMatch(shown, /[\u0000-\u001f\u007f-\u009f]/, `character ${code}`)
  }
})

test('words wrap inside the width and long words stay whole', () => {
  assert.deepEqual(wrap('one two three', 8, '- ', '  '), ['- one', '  two', '  three'])
  assert.deepEqual(wrap('one two three', 9, '- ', '  '), ['- one two', '  three'])
  assert.deepEqual(wrap('unbreakable', 5), ['unbreakable'])
})
