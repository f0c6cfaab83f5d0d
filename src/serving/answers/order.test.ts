import assert from 'node:assert/strict'
import { test } from 'node:test'

import { authorOrder, orderSql, sortOrder, statementOrder } from '#serving/answers/order.ts'

const columns = [
  { name: 'who', type: 'VARCHAR' },
  { name: 'n', type: 'BIGINT' },
  { name: 'a b', type: 'DOUBLE' },
]

test('every order ends with all columns, so that only equal rows tie', () => {
  const sorted = sortOrder('x', columns, [{ column: 'n', descending: true }])
  assert.equal(
    orderSql(sorted, columns),
    'ORDER BY "n" DESC NULLS LAST, "who" NULLS LAST, "a b" NULLS LAST',
  )
  const own = authorOrder('N desc nulls first, "a b"', columns, { first: [], someHidden: false })
  assert.equal(
    orderSql(own, columns),
    'ORDER BY "n" DESC NULLS FIRST, "a b" ASC NULLS LAST, "who" NULLS LAST',
  )
  const expression = authorOrder('lower(who) desc', columns, { first: ['n'], someHidden: false })
  assert.equal(
    orderSql(expression, columns),
    'ORDER BY "n", lower(who) desc, "who" NULLS LAST, "n" NULLS LAST, "a b" NULLS LAST',
  )
})

test('an order that needs a column which is hidden is not kept', () => {
  const hidden = authorOrder('salary desc', columns, { first: [], someHidden: true })
  assert.deepEqual(hidden, { kind: 'terms', terms: [] })
})

test('a statement is ordered as its outermost ORDER BY says', () => {
  const termsOf = (sql: string) => {
    const order = statementOrder(sql, columns)
    return order.kind === 'terms'
      ? order.terms.map(({ column, descending }) => `${column}${descending ? ' desc' : ''}`).join()
      : order.kind
  }
  for (const [sql, terms] of [
    ['SELECT who, n FROM x ORDER BY n DESC, who LIMIT 5', 'n desc,who'],
    ['SELECT who, n FROM x ORDER BY 2 desc -- order by who', 'n desc'],
    ['SELECT who, n FROM (SELECT * FROM x ORDER BY n)', ''],
    ["SELECT 'order by n' AS who FROM x", ''],
    ['SELECT who, sum(n) OVER (ORDER BY n) FROM x', ''],
    ['SELECT who FROM x /* order by who */ ORDER BY "a b"', 'a b'],
    ['SELECT who FROM x ORDER BY lower(who)', 'natural'],
    ['SELECT who FROM x ORDER BY n UNION ALL SELECT who FROM y', ''],
  ] as const) {
    assert.equal(termsOf(sql), terms, sql)
  }
})
