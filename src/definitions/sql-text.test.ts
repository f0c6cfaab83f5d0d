import assert from 'node:assert/strict'
import { test } from 'node:test'

import { lineAtByte, spansOf, statementOf } from '#definitions/sql-text.ts'

test('unquoted words become lower case; strings, quoted names and comments stay', () => {
  assert.equal(
    statementOf(`SELECT "Amount" AS N, 'It''s A' -- Why
FROM Orders /* A /* nested */ B */ WHERE X = $Tag$ Raw 'A' $Tag$ AND E'\\'B' = Y`),
    `select "Amount" as n, 'It''s A' -- Why
from orders /* A /* nested */ B */ where x = $Tag$ Raw 'A' $Tag$ and e'\\'B' = y`,
  )
})

test('a closing semicolon and what follows it are cut off', () => {
  assert.equal(statementOf('SELECT 1 ; -- done\n\n/* end */ ;\n'), 'select 1')
  assert.equal(statementOf("SELECT ';'"), "select ';'")
  assert.equal(statementOf('SELECT 1; SELECT 2;'), 'select 1; select 2')
  assert.equal(statementOf('-- only a comment\n'), '')
})

test('every character keeps its offset, so that lines in messages are those of the file', () => {
  const text = '-- Über\nSELECT Ä, Q\nFROM T'
  assert.equal(statementOf(text).length, text.length)
  assert.equal(statementOf(text), '-- Über\nselect Ä, q\nfrom t')
  assert.equal(lineAtByte(text, Buffer.byteLength('-- Über\nSELECT Ä')), 2)
})

test('what is never closed goes to the end of the text', () => {
  for (const open of ["'abc", '"abc', '/* abc', '$$abc']) {
    assert.deepEqual(
      spansOf(`x ${open}`).map(({ start, end }) => [start, end]),
      [
        [0, 2],
        [2, 2 + open.length],
      ],
    )
  }
})
