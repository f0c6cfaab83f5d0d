import { expect, test } from 'vitest'

import { formatMove, movedFigures } from './figures.ts'
import { diffLines, withGaps } from './line-diff.ts'
import { sqlLines, sqlTokens } from './sql-tokens.ts'

const kinds = (sql: string) =>
  sqlTokens(sql)
    .filter(({ kind }) => kind !== 'plain')
    .map(({ kind, text }) => `${kind} ${text}`)

test('SQL is cut into keywords, functions, texts, names, numbers and comments', () => {
  expect(kinds(`SELECT sum("a b"), 'it''s' -- why\nFROM t WHERE n > 1.5e3`)).toEqual([
    'keyword SELECT',
    'function sum',
    'name "a b"',
    "text 'it''s'",
    'comment -- why',
    'keyword FROM',
    'keyword WHERE',
    'number 1.5e3',
  ])
})

test('whatever the text is, its pieces are the text', () => {
  const texts = ["'open", '"open', '/* open', '--', '-/-', '$$ a', 'ü$1 €', '\u0000😀', '', '- 1']
  for (const text of texts) {
    expect(
      sqlTokens(text)
        .map((token) => token.text)
        .join(''),
    ).toBe(text)
    expect(
      sqlLines(text)
        .map((line) => line.map((token) => token.text).join(''))
        .join('\n'),
    ).toBe(text)
  }
})

test('a long hostile text is read in time that grows with its length alone', () => {
  const began = performance.now()
  sqlTokens(`${'/*'.repeat(50_000)}${"'".repeat(50_001)}${'a('.repeat(50_000)}`)
  expect(performance.now() - began).toBeLessThan(3_000)
})

test('a difference keeps equal lines and numbers both sides', () => {
  const lines = diffLines('a\nb\nc\nd', 'a\nc\nx\nd')
  expect(lines.map(({ kind, text }) => `${kind} ${text}`)).toEqual([
    'same a',
    'removed b',
    'same c',
    'added x',
    'same d',
  ])
  expect(lines.map(({ before, after }) => `${before ?? '-'}:${after ?? '-'}`)).toEqual([
    '1:1',
    '2:-',
    '3:2',
    '-:3',
    '4:4',
  ])
  expect(diffLines('same', 'same').map(({ kind }) => kind)).toEqual(['same'])
})

test('equal stretches far from any change are left out', () => {
  const text = Array.from({ length: 20 }, (_, at) => `line ${at}`)
  const changed = text.with(10, 'other')
  const shown = withGaps(diffLines(text.join('\n'), changed.join('\n')), 2)
  expect(shown.map((line) => (line.kind === 'gap' ? line.lines : line.kind))).toEqual([
    8,
    'same',
    'same',
    'removed',
    'added',
    'same',
    'same',
    7,
  ])
})

test('figures are sums of columns of numbers, told as a share of what was before', () => {
  const before = [
    { who: 'a', n: 10, big: 5n },
    { who: 'b', n: null, big: 5n },
  ]
  expect(movedFigures(before, [{ who: 'a', n: 12, big: 10n }])).toEqual([
    { column: 'n', before: 10, after: 12 },
    { column: 'big', before: 10, after: 10 },
  ])
  expect(formatMove({ before: 10, after: 12 })).toBe('+20 %')
  expect(formatMove({ before: 1000, after: 999.9 })).toBe('−< 0.1 %')
  expect(formatMove({ before: 0, after: 9 })).toBe(null)
  expect(formatMove({ before: 3, after: 3 })).toBe('±0')
})
