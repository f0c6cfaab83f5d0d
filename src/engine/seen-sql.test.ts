import assert from 'node:assert/strict'
import { test } from 'node:test'

import { rowsOf } from '#engine/jobs-for-tests.ts'
import { filterText, visibleColumns } from '#engine/seen-sql.ts'
import type { RowFilter } from '#model/access.ts'

const columns = [
  { name: 'name', type: 'VARCHAR' },
  { name: 'big', type: 'BIGINT' },
  { name: 'tags', type: 'VARCHAR[]' },
]
const ROWS = `(VALUES ('b', 9007199254740993, ['x']), ('a, "q"', 1, NULL), ('c''); --', NULL, [])) t(name, big, tags)`

/** Names of the rows that somebody sees. */
async function seen(...filters: RowFilter[]): Promise<unknown[]> {
  const where = filterText(columns, { columns: null, filters })
  return (await rowsOf(`SELECT name FROM ${ROWS}${where} ORDER BY name`)).map(({ name }) => name)
}

test('rows are seen by values that are never SQL', async () => {
  assert.deepEqual(await seen({ column: 'big', op: 'gt', value: '1' }), ['b'])
  const hostile = ['a, "q"', "c'); --", "' OR true --", '\\', '$1', 'x\0y']
  assert.deepEqual(await seen({ column: 'name', op: 'in', value: hostile.slice(0, 5) }), [
    'a, "q"',
    "c'); --",
  ])
  for (const value of hostile.slice(2)) {
    assert.deepEqual(await seen({ column: 'name', op: 'eq', value }), [], value)
  }
})

test('what cannot be judged is not seen', async () => {
  for (const op of ['eq', 'ne', 'lt', 'ge'] as const) {
    assert.deepEqual(await seen({ column: 'big', op, value: 'no number' }), [], op)
  }
  assert.deepEqual(await seen({ column: 'absent', op: 'ne', value: '1' }), [])
  assert.deepEqual(await seen({ column: 'tags', op: 'ne', value: 'x' }), [])
  assert.deepEqual(await seen({ column: 'name', op: 'in', value: 'b' }), [])
  assert.deepEqual(await seen({ column: 'name', op: 'eq', value: ['b'] }), [])
  // Of an empty cell nothing is known, not even that it is another one.
  assert.deepEqual(await seen({ column: 'big', op: 'ne', value: '7' }), ['a, "q"', 'b'])
  assert.deepEqual(await seen({ column: 'name', op: 'ne', value: 'x\0y' }), [])
})

test('columns that are not named are not there', () => {
  const names = visibleColumns(columns, { columns: ['tags', 'nosuch'], filters: [] })
  assert.deepEqual(
    names.map(({ name }) => name),
    ['tags'],
  )
})
