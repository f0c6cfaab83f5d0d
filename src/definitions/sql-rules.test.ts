import assert from 'node:assert/strict'
import { after, test } from 'node:test'

import { openDuckdbParser } from '#definitions/duckdb-parser.ts'
import { parseAnalysisSql, parseExpression } from '#definitions/sql-rules.ts'
import { statementOf } from '#definitions/sql-text.ts'
import { MillraceError } from '#kernel/errors.ts'

const parser = openDuckdbParser()
after(() => parser.close())

const parse = (sql: string, volatile = false) =>
  parseAnalysisSql(statementOf(sql), {
    place: { file: 'x.sql', line: 1 },
    volatile,
    serializeSql: parser.serializeSql,
  })

const reads: readonly (readonly [sql: string, datasets: string[]])[] = [
  ['SELECT * FROM Orders o JOIN "Shops" s USING (id), this_partition', ['orders', 'shops']],
  ['WITH a AS (SELECT * FROM orders), b AS (SELECT * FROM a) SELECT * FROM b, a', ['orders']],
  ['WITH orders AS (SELECT * FROM orders) SELECT * FROM orders', ['orders']],
  ['WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3) FROM r', []],
  [
    'SELECT (SELECT max(x) FROM a) FROM b WHERE y IN (SELECT y FROM c) AND EXISTS (FROM d)',
    ['b', 'a', 'c', 'd'],
  ],
  ['SELECT 1 FROM a UNION ALL (WITH a AS (SELECT 2) SELECT * FROM a)', ['a']],
  ['(WITH x AS (SELECT 1) SELECT * FROM x) UNION ALL SELECT * FROM x', ['x']],
  ['SELECT * FROM range(3) r, unnest([1]) u, (VALUES (1)) v', []],
  ['SELECT * FROM a, LATERAL (SELECT * FROM b WHERE b.x = a.x)', ['a', 'b']],
  ['FROM a SELECT a WHERE a.b = 1', ['a']],
]

for (const [sql, datasets] of reads) {
  test(`${sql} reads ${datasets.join(', ') || 'nothing'}`, async () => {
    assert.deepEqual([...(await parse(sql)).reads].toSorted(), datasets.toSorted())
  })
}

const refused: readonly (readonly [sql: string, message: RegExp])[] = [
  ['SELECT first(x) FROM a', /first\(\)/],
  ['SELECT last(x) FROM a', /last\(\)/],
  ['SELECT any_value(x) FROM a', /any_value\(\)/],
  ['SELECT arg_max(x, y) FROM a', /arg_max\(\)/],
  ['SELECT max_by(x, y) FROM a', /max_by\(\)/],
  ['SELECT list(x) FROM a', /list\(\)/],
  ['SELECT array_agg(x) FROM a', /array_agg\(\)/],
  ['SELECT x FROM (SELECT string_agg(y) AS x FROM a)', /string_agg\(\)/],
  ["SELECT group_concat(x, ',') FROM a", /group_concat\(\)/],
  ['SELECT mode(x) FROM a', /mode\(\)/],
  ['SELECT row_number() OVER () FROM a', /row_number\(\)/],
  ['SELECT lag(x) OVER (PARTITION BY y) FROM a', /lag\(\)/],
  ['SELECT list(x) OVER (PARTITION BY y) FROM a', /list\(\)/],
  ['SELECT * FROM a LIMIT 3', /LIMIT without ORDER BY/],
  ['SELECT * FROM (FROM a LIMIT 10%) ORDER BY x', /LIMIT without ORDER BY/],
  ['SELECT * FROM a OFFSET 3', /LIMIT without ORDER BY/],
  ['FROM a UNION ALL FROM b LIMIT 3', /LIMIT without ORDER BY/],
  ['SELECT DISTINCT ON (x) * FROM a', /DISTINCT ON/],
  ['SELECT random() FROM a', /random\(\)/],
  ['SELECT * FROM a WHERE uuid() = x', /uuid\(\)/],
  ['SELECT gen_random_uuid() FROM a', /gen_random_uuid\(\)/],
  ['SELECT now() FROM a', /now\(\)/],
  ['SELECT today() FROM a', /today\(\)/],
  ['SELECT current_date FROM a', /current_date/],
  ['SELECT Current_Timestamp FROM a', /current_timestamp/],
  ['SELECT age(x) FROM a', /age\(\)/],
  ["SELECT current_setting('threads')", /current_setting\(\)/],
  ['SELECT * FROM a USING SAMPLE 10%', /SAMPLE/],
  ['SELECT * FROM a TABLESAMPLE 5 ROWS', /SAMPLE/],
  ['SELECT * FROM a POSITIONAL JOIN b', /POSITIONAL/],
]

for (const [sql, message] of refused) {
  test(`${sql} is refused unless it is volatile`, async () => {
    await assert.rejects(parse(sql), (error: unknown) => {
      assert.ok(error instanceof MillraceError)
      assert.match(error.message, message)
      assert.match(error.remedy, /volatile/)
      return true
    })
    await parse(sql, true)
  })
}

const steady = [
  'SELECT first(x ORDER BY y), list(x ORDER BY x), string_agg(x, $$,$$ ORDER BY y) FROM a',
  'SELECT row_number() OVER (ORDER BY x), sum(x) OVER (PARTITION BY y), rank() OVER (ORDER BY x) FROM a',
  'SELECT * FROM a ORDER BY x LIMIT 3',
  'SELECT DISTINCT ON (x) * FROM a ORDER BY x, y',
  'SELECT count(*), sum(x), min(x), max(x), count(DISTINCT x), age(x, y) FROM a GROUP BY ALL',
  'SELECT list(x ORDER BY x DESC), list_sort(array_agg(x)) FROM a',
  'SELECT list_value(1, 2), date_trunc($$day$$, x) FROM a',
]

for (const sql of steady) {
  test(`${sql} is let through`, async () => {
    await parse(sql)
  })
}

const outside: readonly (readonly [sql: string, message: RegExp])[] = [
  ['DELETE FROM a', /not a SELECT/],
  ["COPY (SELECT 1) TO 'x.csv'", /not a SELECT/],
  ['PIVOT a ON x USING sum(y)', /not a SELECT/],
  ['SELECT 1; SELECT 2', /holds 2 statements/],
  ["SELECT * FROM 'a.csv'", /"a\.csv" is not a dataset/],
  ["SELECT * FROM 's3://x/y.parquet'", /is not a dataset/],
  ["SELECT * FROM read_csv('a.csv')", /read_csv\(\)/],
  ["SELECT * FROM parquet_scan('a')", /parquet_scan\(\)/],
  ["SELECT * FROM glob('*')", /glob\(\)/],
  ['SELECT * FROM duckdb_settings()', /duckdb_settings\(\)/],
  ['SELECT * FROM information_schema.tables', /information_schema\.tables/],
  ['DESCRIBE a', /DESCRIBE/],
  ['SELECT $1 FROM a', /parameters/],
]

for (const [sql, message] of outside) {
  test(`${sql} is refused, volatile or not`, async () => {
    await assert.rejects(parse(sql), message)
    await assert.rejects(parse(sql, true), message)
  })
}

test('an error names the line of the file, also behind letters beyond ASCII', async () => {
  await assert.rejects(
    parse("-- Größe\nSELECT 'ä',\n  first(x)\nFROM a"),
    /^MillraceError: x\.sql:3: first/,
  )
  await assert.rejects(parse("SELECT 'ää',\nFROM\nWHERE"), /^MillraceError: x\.sql:3: syntax error/)
})

test('an expression is one expression over the columns of the row', async () => {
  const read = (expression: string) =>
    parseExpression(expression, { place: { file: 'x.sql' }, serializeSql: parser.serializeSql })
  await read('a > 0 AND (b IS NULL OR b <> 1)')
  await read('count(*) FILTER (a > 0) = 0 -- why')
  await assert.rejects(read('a > 0), (1'), /not one expression/)
  await assert.rejects(read('a IN (SELECT 1)'), /not one expression/)
  await assert.rejects(read('a > now()'), /depends on when/)
  await assert.rejects(read('a >'), /syntax error/)
})
