import assert from 'node:assert/strict'
import { test } from 'node:test'

import { readSqlHeader } from '#definitions/sql-header.ts'
import { MillraceError } from '#kernel/errors.ts'

const read = (text: string) => readSqlHeader(text, 'analyses/x.sql')

test('the header says what the rows are, how they are cut, read, ordered, checked and named', () => {
  const header = read(`-- Orders of each day,
-- by shop.
--
-- partition: day
-- input: orders observed
-- input: Rates lookback 3
-- order: Orders desc nulls last, shop
-- check: some warning all count(*) > 0
-- check: named: not null shop, orders
-- check: once unique shop
-- check: positive blocking each orders > 0
--   and amount > 0
-- column: size — how large
--   they were [unit bytes]
-- column: shop text - its name
-- column: buyer — who bought [subject]
-- column: seller — who sold [subject person]
-- volatile
SELECT 1 -- partition: year`)
  assert.equal(header.description, 'Orders of each day, by shop.')
  assert.deepEqual(header.partitioning, { grain: 'day' })
  assert.equal(header.order, 'orders desc nulls last, shop')
  assert.equal(header.volatile, true)
  assert.deepEqual(
    [...header.mappings].map(([dataset, { mapping }]) => [dataset, mapping]),
    [
      ['orders', { kind: 'observed' }],
      ['rates', { kind: 'lookback', periods: 3 }],
    ],
  )
  assert.deepEqual(
    header.checks.map(({ line: _line, ...check }) => check),
    [
      { name: 'some', severity: 'warning', kind: 'all', expression: 'count(*) > 0' },
      { name: 'named', severity: 'blocking', kind: 'not-null', columns: ['shop', 'orders'] },
      { name: 'once', severity: 'blocking', kind: 'unique', columns: ['shop'] },
      {
        name: 'positive',
        severity: 'blocking',
        kind: 'each',
        expression: 'orders > 0 and amount > 0',
      },
    ],
  )
  assert.deepEqual(header.columns, [
    { name: 'size', description: 'how large they were', unit: 'bytes' },
    { name: 'shop', type: 'text', description: 'its name' },
    { name: 'buyer', description: 'who bought', subject: true },
    { name: 'seller', description: 'who sold', subject: 'person' },
  ])
})

const flaws: readonly (readonly [header: string, at: string, message: RegExp, wayOut: RegExp])[] = [
  ['-- X', ':1', /does not say how/, /partition: month/],
  ['-- partition: day', ':1', /no description/, /Begin the file/],
  ['-- X\n-- partition: week', ':2', /"week" is not a partitioning/, /none, year, month/],
  ['-- X\n-- partitoin: day', ':2', /"partitoin" is not a key/, /Did you mean "partition"/],
  ['-- X\n-- partition: day\n-- partition: month', ':3', /said twice, in line 2/, /Keep one/],
  ['-- X\n-- partition: day\n-- input: a sideways', ':3', /"sideways" is not a mapping/, /roll-up/],
  ['-- X\n-- partition: day\n-- input: a lookback 0', ':3', /"lookback 0"/, /lookback N/],
  ['-- X\n-- partition: day\n-- input: a', ':3', /"a" names no dataset/, /events observed/],
  ['-- X\n-- partition: day\n-- order: a b c', ':3', /"a b c" is not a column/, /events desc/],
  ['-- X\n-- partition: day\n-- check: a maybe x', ':3', /"a maybe x" is not a check/, /unique/],
  ['-- X\n-- partition: day\n-- check: a unique b c', ':3', /"b c" is not the name/, /commas/],
  [
    '-- X\n-- partition: day\n-- check: a unique b\n-- check: a unique c',
    ':4',
    /twice/,
    /own name/,
  ],
  ['-- X\n-- partition: day\n-- freshness: soon', ':3', /"soon" is no time/, /26h/],
  ['-- X\n-- partition: day\n-- volatile: maybe', ':3', /"maybe"/, /volatile: true/],
  ['-- X\n-- partition: day\n-- column: what', ':3', /does not describe/, /a dash/],
  ['-- X\n-- partition: day\n-- column: a number — x', ':3', /"number" is not a type/, /integer/],
  ['-- X\n-- partition: day\n-- more words', ':3', /"more words" follows/, /indent/],
]

test('the header says how old the newest period may get', () => {
  const header = read('-- X\n-- partition: day\n-- freshness: 26h\nSELECT 1')
  assert.equal(header.freshnessMs, 26 * 3_600_000)
})

for (const [header, at, message, wayOut] of flaws) {
  test(`${JSON.stringify(header)} is refused with its line and the way out`, () => {
    assert.throws(
      () => read(`${header}\nSELECT 1`),
      (error: unknown) => {
        assert.ok(error instanceof MillraceError)
        assert.equal(error.entry.kind, 'definition')
        assert.ok(error.message.startsWith(`analyses/x.sql${at}: `), error.message)
        assert.match(error.message, message)
        assert.match(error.remedy, wayOut)
        return true
      },
    )
  })
}
