import assert from 'node:assert/strict'
import { after, test } from 'node:test'

import { openDuckdbParser } from '#definitions/duckdb-parser.ts'
import { parseAnalysisSql } from '#definitions/sql-rules.ts'
import { statementOf } from '#definitions/sql-text.ts'
import { withoutLocations } from '#definitions/sql-tree.ts'
import { canonicalJson } from '#kernel/hash.ts'

const parser = openDuckdbParser()
after(() => parser.close())

/** Corners of the dialect that a tree could lose: a word, and what else could stand in its place. */
const corners: readonly (readonly [statement: string, word: string, other: string])[] = [
  ['SELECT CAST(x AS INT) FROM t', 'CAST', 'TRY_CAST'],
  ['SELECT x COLLATE nocase FROM t', 'COLLATE nocase', ''],
  ["SELECT x AT TIME ZONE 'utc' FROM t", 'utc', 'cet'],
  ['SELECT sum(x) OVER (ORDER BY y ROWS 1 PRECEDING) FROM t', 'ROWS', 'RANGE'],
  ['SELECT sum(x) OVER (ORDER BY y ROWS 1 PRECEDING) FROM t', '1', '2'],
  [
    'SELECT sum(x) OVER (ORDER BY y ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES) FROM t',
    'EXCLUDE TIES',
    '',
  ],
  ['SELECT lag(x IGNORE NULLS) OVER (ORDER BY y) FROM t', 'IGNORE NULLS', ''],
  ['SELECT a, sum(x) FROM t GROUP BY ROLLUP (a, b)', 'ROLLUP', 'CUBE'],
  ['SELECT a, b FROM t GROUP BY GROUPING SETS ((a), (b))', '(a), (b)', '(a, b)'],
  ['FROM t SEMI JOIN u USING (x)', 'SEMI', 'ANTI'],
  ['FROM t JOIN u USING (x)', 'JOIN', 'ASOF JOIN'],
  ['FROM t FULL JOIN u USING (x)', 'FULL', 'RIGHT'],
  ['FROM t ORDER BY ALL', 'ALL', 'ALL DESC'],
  ['FROM t ORDER BY x NULLS FIRST', 'FIRST', 'LAST'],
  ['FROM t ORDER BY x LIMIT 10', '10', '10%'],
  ['FROM t UNION ALL FROM u', 'ALL', 'ALL BY NAME'],
  ['FROM t UNION ALL FROM u', 'ALL', ''],
  ['FROM t EXCEPT FROM u', 'EXCEPT', 'INTERSECT'],
  ['FROM t EXCEPT FROM u', 'EXCEPT', 'EXCEPT ALL'],
  ['SELECT * FROM unnest([1])', 'unnest([1])', 'unnest([1]) WITH ORDINALITY'],
  ["SELECT COLUMNS('a.*') FROM t", 'a.*', 'b.*'],
  ["SELECT * LIKE 'a%' FROM t", 'a%', 'b%'],
  ['SELECT * EXCLUDE (a) FROM t', '(a)', '(b)'],
  ['SELECT * REPLACE (a + 1 AS a) FROM t', '1', '2'],
  ['SELECT * RENAME (a AS b) FROM t', 'RENAME (a AS b)', ''],
  ["SELECT {'a': 1}", "'a'", "'b'"],
  ['SELECT struct_pack(a := 1)', 'a :=', 'b :='],
  ['SELECT list_transform(l, lambda x: x + 1) FROM t', '+ 1', '+ 2'],
  ['SELECT 1.00', '1.00', '1.0'],
  ['SELECT 123456789012345678901234567890', '890', '891'],
  ["SELECT INTERVAL '1 day'", 'day', 'hour'],
  ["SELECT x LIKE 'a' FROM t", 'LIKE', 'ILIKE'],
  ['SELECT x IN (1, 2) FROM t', 'IN', 'NOT IN'],
  ['SELECT x = ANY (SELECT 1)', 'ANY', 'ALL'],
  ['SELECT x IS DISTINCT FROM y FROM t', 'IS DISTINCT', 'IS NOT DISTINCT'],
  ['SELECT y FROM t AS a(y, z)', 'a(y, z)', 'a(z, y)'],
  [
    'WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3) FROM r',
    'ALL',
    '',
  ],
  ['FROM t PIVOT (sum(x) FOR y IN (1, 2))', '2', '3'],
  ['FROM t UNPIVOT (v FOR n IN (a, b))', 'UNPIVOT', 'UNPIVOT INCLUDE NULLS'],
  ['FROM t QUALIFY rank() OVER (ORDER BY x) = 1', '= 1', '= 2'],
  ['SELECT x::DECIMAL(10, 2) FROM t', '2', '3'],
  ["SELECT x::ENUM('a', 'b') FROM t", "'b'", "'c'"],
  ['SELECT x::STRUCT(a INT) FROM t', 'a INT', 'b INT'],
  ['SELECT x::INT[3] FROM t', '3', '4'],
  ['SELECT #1 FROM t', '#1', '#2'],
  ['SELECT x FROM t WHERE a AND b OR c', 'b OR c', '(b OR c)'],
  ['SELECT a - b - c FROM t', 'b - c', '(b - c)'],
  ['SELECT sum(DISTINCT x) FROM t', 'DISTINCT', ''],
  ['SELECT f(x ORDER BY y) FROM t', 'y', 'y DESC'],
  ['SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY x) FROM t', 'x', 'x DESC'],
  ['SELECT [x FOR x IN l IF x > 1] FROM t', '> 1', '> 2'],
]

const treeOf = async (sql: string) => {
  const { tree } = await parseAnalysisSql(statementOf(sql), {
    place: { file: 'x.sql' },
    volatile: true,
    serializeSql: parser.serializeSql,
  })
  return canonicalJson(withoutLocations(tree))
}

test('texts that mean different things have different trees, in every corner of the dialect', async () => {
  for (const [statement, word, other] of corners) {
    const at = statement.lastIndexOf(word)
    const changed = statement.slice(0, at) + other + statement.slice(at + word.length)
    assert.notEqual(await treeOf(changed), await treeOf(statement), `${statement} | ${changed}`)
  }
})
