import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'

import { memoryCodeVersions } from '#definitions/code-versions.ts'
import { openDuckdbParser } from '#definitions/duckdb-parser.ts'
import { readPack } from '#definitions/read-pack.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { EndpointDefinition } from '#model/endpoint.ts'

import { buildPack } from '../../test/support/build-pack.ts'

const byMonth = `-- Orders of each day.
-- partition: month
-- input: orders same
SELECT id AS shop, sum(amount) AS total, count(*) AS n FROM orders GROUP BY ALL
`
const topShops = `-- The best shops of a month.
--
-- param: month period = latest — which month
-- param: top integer = 10 [1..100] - how many shops
-- param: country text = all (all, de, at) — where they are
-- param: least decimal(18,2) = 0.50 — what they sold
--   at least
-- input: by_month partition $month
-- order: Total desc, shop
-- column: total — what they sold [unit EUR]
-- limit: 1000 rows, 5 s, 10 MB
SELECT shop, total FROM by_month
WHERE total >= $least AND ($Country = 'all' OR shop LIKE $country || '%')
ORDER BY total DESC, shop LIMIT $top

-- drill
-- input: orders partition $month
SELECT id, amount FROM orders WHERE id = $row_shop -- '$nothing'
`

async function read(t: TestContext, files: Readonly<Record<string, string>>) {
  const pack = await buildPack(t, { 'analyses/by_month.sql': byMonth, ...files })
  return (await pack.read()).endpoints
}

async function only(t: TestContext, text: string, file = 'top_shops.sql') {
  const [endpoint] = await read(t, { [`endpoints/${file}`]: text })
  assert.ok(endpoint)
  return endpoint
}

test('an endpoint is a file: its header says parameters, inputs, order, columns, limits; a drill follows', async (t) => {
  const endpoint = await only(t, topShops)
  const { codeVersion, text, drill, ...said } = endpoint
  assert.match(codeVersion, /^[0-9a-f]{64}$/)
  assert.match(text, /order by total desc, shop limit \$top$/)
  assert.match(text, /\$country = 'all'/)
  assert.match(drill?.text ?? '', /where id = \$row_shop$/)
  assert.deepEqual(drill?.inputs, [{ dataset: 'orders', partitions: '$month' }])
  const plain = { choices: null, min: null, max: null }
  assert.deepEqual(said, {
    name: 'top_shops',
    pack: 'shop',
    file: 'endpoints/top_shops.sql',
    description: 'The best shops of a month.',
    parameters: [
      { ...plain, name: 'month', type: 'period', default: 'latest', description: 'which month' },
      {
        ...plain,
        name: 'top',
        type: 'integer',
        default: '10',
        min: '1',
        max: '100',
        description: 'how many shops',
      },
      {
        ...plain,
        name: 'country',
        type: 'text',
        default: 'all',
        choices: ['all', 'de', 'at'],
        description: 'where they are',
      },
      {
        ...plain,
        name: 'least',
        type: 'decimal(18,2)',
        default: '0.50',
        description: 'what they sold at least',
      },
    ],
    inputs: [{ dataset: 'by_month', partitions: '$month' }],
    order: 'total desc, shop',
    columns: [{ name: 'total', description: 'what they sold', unit: 'EUR' }],
    limits: { rows: 1000, seconds: 5, bytes: 10_000_000 },
  } satisfies Omit<EndpointDefinition, 'codeVersion' | 'text' | 'drill'>)
})

test('the same endpoint as data has the same code version', async (t) => {
  const declared = `import { defineEndpoint } from 'millrace'
export default defineEndpoint({
  description: 'The best shops.',
  parameters: {
    month: { type: 'period', default: 'latest', description: 'm' },
    top: { type: 'integer', default: 10, min: 1, max: 100, description: 't' },
    country: { type: 'text', default: 'all', choices: ['all', 'de', 'at'], description: 'c' },
    least: { type: 'decimal(18,2)', default: '0.50', description: 'l' },
  },
  inputs: { by_month: '$month' },
  order: 'total desc, shop',
  limits: { rows: 7 },
  sql: \`SELECT shop, total FROM by_month
    WHERE total >= $least AND ($country = 'all' OR shop LIKE $country || '%')
    ORDER BY total DESC, shop LIMIT $top\`,
  drill: { sql: 'SELECT id, amount FROM orders WHERE id = $row_shop', inputs: { orders: '$month' } },
})`
  const data = await only(t, declared, 'top_shops.ts')
  const { codeVersion } = await only(t, topShops)
  assert.equal(data.codeVersion, codeVersion)
  assert.deepEqual(data.limits, { rows: 7, seconds: null, bytes: null })
})

test('words, layout and limits leave the version as it is; what changes the answer makes another', async (t) => {
  const { codeVersion } = await only(t, topShops)
  const version = async (change: (text: string) => string) => {
    const changed = change(topShops)
    assert.notEqual(changed, topShops)
    return (await only(t, changed)).codeVersion
  }
  for (const same of [
    (text: string) => text.replace('The best shops', 'Shops'),
    (text: string) => text.replace('which month', 'any month'),
    (text: string) => text.replace('1000 rows', '10 rows'),
    (text: string) => text.replace('FROM by_month', '\n  from BY_MONTH'),
  ]) {
    assert.equal(await version(same), codeVersion)
  }
  for (const other of [
    (text: string) => text.replace('= 10 [', '= 11 ['),
    (text: string) => text.replace('..100]', '..99]'),
    (text: string) => text.replace('(all, de, at)', '(all, de)'),
    (text: string) => text.replace('Total desc', 'total'),
    (text: string) =>
      text.replace('input: by_month partition $month', 'input: by_month partition 2021..$month'),
    (text: string) => text.replace('SELECT shop, total', 'SELECT total, shop'),
    (text: string) => text.replace('id = $row_shop', 'id <> $row_shop'),
  ]) {
    assert.notEqual(await version(other), codeVersion)
  }
})

const select = 'SELECT shop FROM by_month'
const refusals: readonly [name: string, text: string, message: RegExp][] = [
  ['an unknown dataset', `-- X.\nSELECT 1 AS n\nFROM by_mnth`, /x\.sql:3: no dataset.*"by_mnth"/],
  ['this_partition', `-- X.\nSELECT key FROM this_partition`, /x\.sql:2: no dataset/],
  [
    'a parameter that is not described',
    `-- X.\n${select}\nWHERE n > $m`,
    /x\.sql:3: \$m is no parameter/,
  ],
  [
    'a parameter that nothing uses',
    `-- X.\n-- param: m integer = 1 — m\n${select}`,
    /x\.sql:2: parameter "m" changes nothing/,
  ],
  ['a numbered parameter', `-- X.\n${select} WHERE n > $1`, /parameter without a name/],
  ['a question mark', `-- X.\n${select} WHERE n > ?`, /parameter without a name/],
  ['two statements', `-- X.\n${select}; ${select}`, /x\.sql:1: the file holds 2 statements/],
  [
    'a statement that writes',
    `-- X.\nDELETE FROM by_month`,
    /x\.sql:1: the statement is not a SELECT/,
  ],
  ['no dataset at all', `-- X.\nSELECT 1 AS n`, /reads no dataset/],
  ['the time', `-- X.\nSELECT now() AS t FROM by_month`, /x\.sql:2: now\(\) depends on when/],
  ['chance', `-- X.\nSELECT random() AS r FROM by_month`, /x\.sql:2: random\(\) differs/],
  [
    'files',
    `-- X.\nSELECT 1 AS n FROM read_csv('/etc/passwd')`,
    /x\.sql:2: read_csv\(\) reads what lies outside/,
  ],
  [
    'files by name',
    `-- X.\nSELECT 1 AS n FROM '/etc/passwd'`,
    /"\/etc\/passwd" is not a dataset: an endpoint reads/,
  ],
  ['LIMIT without an order', `-- X.\n${select} LIMIT 3`, /LIMIT without ORDER BY/],
  ['no description', select, /the endpoint has no description/],
  ['an unknown key', `-- X.\n-- parm: x\n${select}`, /x\.sql:2: "parm" is not a key/],
  [
    'a partition that there is not',
    `-- X.\n-- input: by_month partition 2021-13\n${select}`,
    /x\.sql:2: "2021-13" selects no partitions of by_month/,
  ],
  [
    'an input that is not read',
    `-- X.\n-- input: orders partition 2021-01\n${select}`,
    /x\.sql:2: input "orders" is not read/,
  ],
  [
    'a selector with an unknown parameter',
    `-- X.\n-- input: by_month partition $m\n${select}`,
    /x\.sql:2: \$m is no parameter/,
  ],
  [
    'the latest period of nothing',
    `-- X.\n-- param: m period = latest — m\n${select} WHERE shop = $m`,
    /x\.sql:2: parameter "m" is the latest period of nothing/,
  ],
  [
    'an odd type',
    `-- X.\n-- param: m number = 1 — m\n${select} WHERE n > $m`,
    /"number" is not a type/,
  ],
  ['a list', `-- X.\n-- param: m text[] — m\n${select} WHERE shop = $m`, /lists are no values/],
  [
    'a default beyond the limits',
    `-- X.\n-- param: m integer = 11 [1..10] — m\n${select} WHERE n > $m`,
    /default "11": it is above 10/,
  ],
  [
    'a default that is no choice',
    `-- X.\n-- param: m text = c (a, b) — m\n${select} WHERE shop = $m`,
    /default "c": it is none of a, b/,
  ],
  [
    'limits the wrong way round',
    `-- X.\n-- param: m integer [10..1] — m\n${select} WHERE n > $m`,
    /largest value is below/,
  ],
  [
    'a name of the address',
    `-- X.\n-- param: limit integer — m\n${select} WHERE n > $limit`,
    /addresses of rows use/,
  ],
  [
    'a row in the main query',
    `-- X.\n${select} WHERE shop = $row_shop`,
    /\$row_shop is no parameter/,
  ],
  ['an odd limit', `-- X.\n-- limit: 5 apples\n${select}`, /limit: "5 apples"/],
  [
    'two drills',
    `-- X.\n${select}\n-- drill\n${select}\n-- drill\n${select}`,
    /x\.sql:5: "-- drill" is there twice/,
  ],
  ['an empty drill', `-- X.\n${select}\n-- drill\n`, /x\.sql:4: there is no SQL/],
  [
    'a flaw in the drill',
    `-- X.\n${select}\n-- drill\n-- input: orders partition 2021\nSELECT 1 AS n\nFROM ordrs, orders`,
    /x\.sql:6: no dataset.*"ordrs"/,
  ],
  [
    'a column twice',
    `-- X.\n-- column: a — a\n-- column: A — b\n${select}`,
    /x\.sql:3: column "a" is there twice/,
  ],
]

const bindings: typeof refusals = [
  [
    'a column that its datasets do not have',
    `-- X.\nSELECT shop,\n  amuont\nFROM by_month`,
    /x\.sql:3: .*"amuont" not found/,
  ],
  [
    'types that do not go together',
    `-- X.\n-- param: m text = 1 — m\nSELECT shop FROM by_month WHERE sqrt($m) > 1`,
    /x\.sql:3: .*sqrt\(VARCHAR\)/,
  ],
  [
    'an order by a column that the result has not',
    `-- X.\n-- order: shpo\n${select}`,
    /order names "shpo", which is no column/,
  ],
  [
    'a text about a column that the result has not',
    `-- X.\n-- column: totl — x\n${select}`,
    /column names "totl", which is no column/,
  ],
  [
    'a drill from a column that the result has not',
    `-- X.\n${select}\n-- drill\nSELECT id FROM orders WHERE id = $row_n`,
    /\$row_ names "n", which is no column/,
  ],
  [
    'a flaw of the drill',
    `-- X.\n${select}\n\n-- drill\nSELECT id FROM orders\nWHERE ammount > 1 AND id = $row_shop`,
    /x\.sql:6: .*"ammount" not found/,
  ],
]

for (const [name, text, message] of [...refusals, ...bindings]) {
  test(`an endpoint is refused for ${name}, with its line`, async (t) => {
    await assert.rejects(read(t, { 'endpoints/x.sql': text }), (error) => {
      assert.ok(error instanceof MillraceError)
      assert.equal(error.code, 'definition-invalid')
      assert.match(error.message, message)
      assert.ok(!/volatile|this_partition/.test(error.remedy), error.remedy)
      return true
    })
  })
}

test('an endpoint over columns that nobody can tell yet is taken as it is', async (t) => {
  const scores = `import { defineAnalysis } from 'millrace'
export default defineAnalysis({
  description: 'Scores.', partition: 'month', inputs: { orders: 'same' },
  run: () => ({ rows: [] }),
})`
  const files = {
    'analyses/scores.ts': scores,
    'endpoints/best.sql': `-- Best.\n-- order: anything\nSELECT anything, partition FROM scores`,
  }
  assert.equal((await read(t, files)).length, 1)
})

test('a text that was bound is bound again when a dataset changes', async (t) => {
  const pack = await buildPack(t, {
    'analyses/by_month.sql': byMonth,
    'endpoints/x.sql': `-- X.\nSELECT total FROM by_month`,
  })
  const codeVersions = memoryCodeVersions()
  let described = 0
  const parser = openDuckdbParser()
  t.after(() => parser.close())
  const describeSql: typeof parser.describeSql = (text, tables) => {
    described++
    return parser.describeSql(text, tables)
  }
  const { serializeSql } = parser
  const readAgain = () => readPack(pack.folder, { serializeSql, describeSql, codeVersions })
  await readAgain()
  const once = described
  assert.ok(once > 0)
  await readAgain()
  assert.equal(described, once)
  await pack.write('analyses/by_month.sql', byMonth.replace('AS total', 'AS sum'))
  await assert.rejects(readAgain(), /x\.sql:2: .*"total" not found/)
})

test('an endpoint has a name of its own', async (t) => {
  await assert.rejects(
    read(t, { 'endpoints/orders.sql': `-- X.\n${select}` }),
    /"orders" belongs to/,
  )
})
