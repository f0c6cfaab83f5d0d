import assert from 'node:assert/strict'
import { test } from 'node:test'

import { MillraceError } from '#kernel/errors.ts'
import { rowsOf } from '#engine/jobs-for-tests.ts'
import { shardOf, shardSql } from '#engine/row-hash/shard.ts'

/** Value in SQL, its type, its canonical text, and its shard of 16 and of 1000. */
const vectors: readonly [string, string, string | null, number, number][] = [
  [`''`, 'VARCHAR', '', 4, 388],
  [`'ann@example.com'`, 'VARCHAR', 'ann@example.com', 5, 533],
  [`'Ann@example.com'`, 'VARCHAR', 'Ann@example.com', 15, 183],
  [`'試験 😀'`, 'VARCHAR', '試験 😀', 7, 815],
  [`e'a\\x1fb'`, 'VARCHAR', 'a\x1fb', 13, 789],
  [`0`, 'INTEGER', '0', 15, 703],
  [`-42`, 'BIGINT', '-42', 13, 821],
  [`12345678901234567890`, 'HUGEINT', '12345678901234567890', 13, 581],
  [`true`, 'BOOLEAN', 'true', 3, 883],
  [`1.50`, 'DECIMAL(18,2)', '1.50', 6, 806],
  [`DATE '1970-01-02'`, 'DATE', '1', 4, 940],
  [`TIMESTAMP '1970-01-01 00:00:01'`, 'TIMESTAMP', '1000000', 1, 241],
  [`NULL`, 'VARCHAR', null, 0, 0],
]

test('shards are fixed for ever, and equal in SQL and in TypeScript', async () => {
  for (const [sql, type, text, of16, of1000] of vectors) {
    const column = { name: 'v', type }
    const [row] = await rowsOf(
      `SELECT ${shardSql('x', column, 16, 't.')} AS a, ${shardSql('x', column, 1000, '')} AS b FROM (SELECT (${sql})::${type} AS v) AS t`,
    )
    assert.deepEqual([row?.['a'], row?.['b']], [of16, of1000], sql)
    assert.deepEqual([shardOf(text, 16), shardOf(text, 1000)], [of16, of1000], sql)
  }
})

test('an integer falls into the same shard whatever its type, and so does its text', async () => {
  const types = ['TINYINT', 'INTEGER', 'BIGINT', 'UBIGINT', 'HUGEINT', 'VARCHAR']
  const shards = types.map((type) =>
    shardSql('x', { name: 'v', type }, 64, '').replace('"v"', `17::${type}`),
  )
  const [row] = await rowsOf(`SELECT [${shards.join(', ')}] AS all_of_them`)
  assert.equal(new Set(row?.['all_of_them'] as number[]).size, 1)
})

test('values are spread evenly', () => {
  const counts = Array.from({ length: 16 }, () => 0)
  for (let n = 0; n < 16_000; n++) counts[shardOf(`user-${n}@example.com`, 16)]! += 1
  assert.ok(Math.min(...counts) > 850 && Math.max(...counts) < 1150, counts.join(' '))
})

test('a column whose values have no text cannot be sharded by', () => {
  assert.throws(
    () => shardSql('x', { name: 'v', type: 'INTERVAL' }, 4, ''),
    (error) => error instanceof MillraceError && error.code === 'result-column-unusable',
  )
})
