import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'

import { memoryCodeVersions } from '#definitions/code-versions.ts'
import { readPack } from '#definitions/read-pack.ts'
import { MillraceError } from '#kernel/errors.ts'

import { analysisOf, buildPack, datasetOf, ordersFile } from '../../test/support/build-pack.ts'

const sql = (header: string, select: string) =>
  `-- Something.\n${header
    .split('\n')
    .map((line) => `-- ${line}`)
    .join('\n')}\n${select}\n`

test('a pack is its folder: inputs come before what reads them, mappings follow from the cuts', async (t) => {
  const pack = await buildPack(t, {
    'sources/rates.ts': `import { defineReference } from 'millrace'
export default defineReference({
  description: 'Rates.',
  location: './rates.csv',
  columns: { currency: { type: 'text' }, rate: { type: 'decimal(18,6)' } },
})`,
    'analyses/by_year.sql': sql('partition: year', 'SELECT sum(n) AS n FROM by_month'),
    'analyses/by_month.sql': sql('partition: month', 'SELECT sum(n) AS n FROM by_day'),
    'analyses/by_day.sql': sql('partition: day', 'SELECT count(*) AS n FROM orders, rates'),
    'analyses/doubled.sql': sql('partition: day', 'SELECT 2 * n AS n FROM BY_DAY'),
    'analyses/files.sql': sql(
      'partition: month\ninput: orders same',
      'SELECT count(*) AS n FROM orders',
    ),
    'analyses/running.sql': sql(
      'partition: month\ncolumn: n integer — so far',
      'SELECT sum(n) AS n FROM (FROM running UNION ALL SELECT n FROM by_month)',
    ),
    'analyses/notes.md': 'not a definition',
  })
  const read = await pack.read()
  assert.deepEqual(
    [read.name, read.description, read.folder],
    ['shop', 'Orders of a shop.', pack.folder],
  )
  const names = read.datasets.map(({ name }) => name)
  assert.deepEqual(names.slice(0, 2), ['orders', 'rates'])
  for (const dataset of read.datasets) {
    if (dataset.kind === 'source') continue
    for (const input of dataset.inputs) {
      if (input.dataset === dataset.name) continue
      assert.ok(
        names.indexOf(input.dataset) < names.indexOf(dataset.name),
        `${input.dataset} first`,
      )
    }
  }
  const mappings = (name: string) =>
    Object.fromEntries(
      analysisOf(read, name).inputs.map(({ dataset, mapping }) => [dataset, mapping.kind]),
    )
  assert.deepEqual(mappings('by_day'), { orders: 'observed', rates: 'all' })
  assert.deepEqual(mappings('by_month'), { by_day: 'roll-up' })
  assert.deepEqual(mappings('by_year'), { by_month: 'roll-up' })
  assert.deepEqual(mappings('doubled'), { by_day: 'same' })
  assert.deepEqual(mappings('files'), { orders: 'same' })
  assert.deepEqual(mappings('running'), { running: 'previous', by_month: 'same' })
  const rates = datasetOf(read, 'rates')
  assert.ok(rates.kind === 'source' && rates.reference && rates.partitioning.grain === 'none')
})

test('what a source means to people and where it lies is not its version; what decides rows is', async (t) => {
  const pack = await buildPack(t, {})
  const version = async (file: string) => {
    await pack.write('sources/orders.ts', file)
    return datasetOf(await pack.read(), 'orders').codeVersion
  }
  const first = await version(ordersFile)
  const change = (from: string, to: string) => {
    assert.ok(ordersFile.includes(from), from)
    return version(ordersFile.replace(from, to))
  }
  assert.equal(await change('as the shop exports them', 'of the shop'), first)
  assert.equal(await change("role: 'measure'", "role: 'measure', unit: 'EUR'"), first)
  assert.equal(
    await change("format: 'csv',", "format: 'csv', location: 's3://b/{yyyy}.csv',"),
    first,
  )
  assert.equal(
    await change("format: 'csv',", "format: 'csv', checks: ['a: each amount > 0'],"),
    first,
  )
  assert.notEqual(await change('decimal(18,2)', 'decimal(18,3)'), first)
  assert.notEqual(await change(', optional: false', ''), first)
  assert.notEqual(await change("by: 'day'", "by: 'month'"), first)
  assert.notEqual(await change("id: { type: 'text' }", "key: { type: 'text' }"), first)
  const derive = (expression: string) =>
    change(
      "format: 'csv',",
      `format: 'csv', derived: { d: { type: 'text', sql: \`${expression}\` } },`,
    )
  assert.notEqual(await derive('lower(id)'), first)
  assert.equal(await derive('LOWER( Id ) -- why'), await derive('lower(id)'))
  assert.notEqual(await derive('upper(id)'), await derive('lower(id)'))
})

interface Flaw {
  readonly files: Readonly<Record<string, string>>
  readonly message: RegExp
  readonly wayOut: RegExp
}

const flaws: Readonly<Record<string, Flaw>> = {
  'an unknown dataset': {
    files: { 'analyses/a.sql': sql('partition: day', 'SELECT 1\nFROM ordrs') },
    message: /^analyses\/a\.sql:4: .*"ordrs"/,
    wayOut: /Did you mean "orders"/,
  },
  'a source that can be read in two ways': {
    files: { 'analyses/a.sql': sql('partition: month', 'SELECT 1\nFROM orders') },
    message: /^analyses\/a\.sql:4: "orders" can be read in two ways/,
    wayOut: /orders same.*orders observed/,
  },
  'an input that is not read': {
    files: { 'analyses/a.sql': sql('partition: day\ninput: shops all', 'SELECT 1 FROM orders') },
    message: /^analyses\/a\.sql:3: input "shops" is not read/,
    wayOut: /reads orders/,
  },
  'a coarser input': {
    files: {
      'analyses/a.sql': sql('partition: month\ninput: orders same', 'SELECT 1 AS n FROM orders'),
      'analyses/b.sql': sql('partition: day', 'SELECT n FROM a'),
    },
    message: /"a" is cut by month/,
    wayOut: /input: a all/,
  },
  'a mapping that does not fit': {
    files: { 'analyses/a.sql': sql('partition: day\ninput: orders same', 'SELECT 1 FROM orders') },
    message: /^analyses\/a\.sql:3: input orders same: it is cut by month/,
    wayOut: /Cut both alike/,
  },
  'observed periods that are coarser than the cut': {
    files: {
      'analyses/a.sql': sql('partition: hour\ninput: orders observed', 'SELECT 1 FROM orders'),
    },
    message: /it records each day/,
    wayOut: /Cut the analysis by day/,
  },
  'previous of another dataset': {
    files: {
      'analyses/a.sql': sql('partition: month\ninput: orders previous', 'SELECT 1 FROM orders'),
    },
    message: /only the analysis itself/,
    wayOut: /lookback 1/,
  },
  'running state without types': {
    files: {
      'analyses/a.sql': sql('partition: day', 'SELECT n FROM a UNION ALL SELECT 1 FROM orders'),
    },
    message: /first partition has no former one/,
    wayOut: /column: company text/,
  },
  'a circle': {
    files: {
      'analyses/a.sql': sql('partition: day', 'SELECT 1 FROM c, orders'),
      'analyses/b.sql': sql('partition: day', 'SELECT 1 FROM a'),
      'analyses/c.sql': sql('partition: day', 'SELECT 1 FROM b'),
    },
    message: /circle: a → c → b → a/,
    wayOut: /Take one/,
  },
  'one name for two files': {
    files: { 'analyses/orders.sql': sql('partition: day', 'SELECT 1') },
    message: /^analyses\/orders\.sql: the name "orders" belongs to sources\/orders\.ts/,
    wayOut: /Rename/,
  },
  'the name of the partition relation': {
    files: { 'analyses/this_partition.sql': sql('partition: day', 'SELECT 1') },
    message: /belongs to Millrace/,
    wayOut: /Rename/,
  },
  'a name that SQL would have to quote': {
    files: { 'analyses/By-Day.sql': sql('partition: day', 'SELECT 1') },
    message: /"By-Day" cannot name/,
    wayOut: /lower-case/,
  },
  'a key of a declaration that nobody knows': {
    files: { 'sources/orders.ts': ordersFile.replace('description:', 'descripton:') },
    message: /^sources\/orders\.ts: description/,
    wayOut: /defineSource/,
  },
  'a type that does not exist': {
    files: { 'sources/orders.ts': ordersFile.replace("'decimal(18,2)'", "'money'") },
    message: /^sources\/orders\.ts: columns\.amount\.type/,
    wayOut: /defineSource/,
  },
  'observed periods of a column that is no time': {
    files: { 'sources/orders.ts': ordersFile.replace("column: 'at'", "column: 'id'") },
    message: /observes: id by day/,
    wayOut: /timestamp or date/,
  },
  'a check on a column that is not there': {
    files: {
      'sources/orders.ts': ordersFile.replace(
        "format: 'csv'",
        "format: 'csv', checks: ['c: unique ref']",
      ),
    },
    message: /no column "ref"/,
    wayOut: /id, at, amount/,
  },
  'a module that throws': {
    files: { 'sources/orders.ts': "throw new Error('no luck')\nexport default 1\n" },
    message: /^sources\/orders\.ts: importing the module: no luck/,
    wayOut: /plain data/,
  },
  'a module without a default export': {
    files: { 'sources/orders.ts': 'export const a = 1\n' },
    message: /no default export/,
    wayOut: /export default/,
  },
  'an analysis module that imports nothing real': {
    files: { 'analyses/a.ts': "import './gone.ts'\nexport default 1\n" },
    message: /^analyses\/a\.ts: .*gone/s,
    wayOut: /Correct/,
  },
  'a check in a header that is no expression': {
    files: {
      'analyses/a.sql': sql('partition: day\ncheck: c each n >', 'SELECT 1 AS n FROM orders'),
    },
    message: /^analyses\/a\.sql:3: syntax error/,
    wayOut: /Correct the SQL/,
  },
}

for (const [name, { files, message, wayOut }] of Object.entries(flaws)) {
  test(`${name} is refused with the place and the way out`, async (t) => {
    await assertRefused(t, files, message, wayOut)
  })
}

async function assertRefused(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  message: RegExp,
  wayOut: RegExp,
): Promise<void> {
  const pack = await buildPack(t, files)
  await assert.rejects(pack.read(), (error: unknown) => {
    assert.ok(error instanceof MillraceError, String(error))
    assert.equal(error.entry.kind, 'definition')
    assert.match(error.message, message)
    assert.match(error.remedy, wayOut)
    return true
  })
}

test('a folder without pack.ts is no pack', async (t) => {
  const pack = await buildPack(t, {})
  const deps = { serializeSql: async () => null, codeVersions: memoryCodeVersions() }
  await assert.rejects(readPack(`${pack.folder}/sources`, deps), { code: 'pack-missing' })
  await assert.rejects(readPack(`${pack.folder}/gone`, deps), { code: 'pack-missing' })
})

test('texts that are known are not parsed again', async (t) => {
  const pack = await buildPack(t, {
    'analyses/a.sql': sql('partition: day\ncheck: c each n > 0', 'SELECT 1 AS n FROM orders'),
  })
  const first = await pack.read()
  const codeVersions = memoryCodeVersions()
  const { openDuckdbParser } = await import('#definitions/duckdb-parser.ts')
  const parser = openDuckdbParser()
  t.after(() => parser.close())
  assert.deepEqual(
    await readPack(pack.folder, { serializeSql: parser.serializeSql, codeVersions }),
    first,
  )
  const refuse = () => Promise.reject(new Error('parsed again'))
  assert.deepEqual(await readPack(pack.folder, { serializeSql: refuse, codeVersions }), first)
})
