import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import fc from 'fast-check'

import { createKey } from '#catalog/keys.ts'
import { setSourceOptions } from '#catalog/options.ts'
import { rowsOf } from '#engine/jobs-for-tests.ts'
import { identifier, literal } from '#engine/sql-text.ts'
import { fullAccess, type Access, type RowFilter } from '#model/access.ts'
import { mintKey } from '#operations/keys/api-key.ts'
import { openServer, type TestServer } from '../../test/support/open-server.ts'
import { waitForEnd } from '../../test/support/open-parts.ts'

const pack: Readonly<Record<string, string>> = {
  'pack.ts': `
    import { definePack } from 'millrace'
    export default definePack({ name: 'ledger', description: 'Entries of a ledger.' })`,
  'sources/entries.ts': `
    import { defineSource } from 'millrace'
    export default defineSource({
      description: 'Entries.', format: 'csv', partition: 'month',
      columns: {
        n: { type: 'integer' }, who: { type: 'text' }, amount: { type: 'decimal(18,2)' },
        ratio: { type: 'double' }, paid: { type: 'boolean' }, on: { type: 'date' },
        at: { type: 'timestamp' }, tags: { type: 'text[]', parse: 'python-list' },
      },
    })`,
  'sources/rooms.ts': `
    import { defineSource } from 'millrace'
    export default defineSource({
      description: 'Rooms.', format: 'csv', partition: 'month, key house', columns: { room: { type: 'text' } },
    })`,
  'analyses/sums.sql': `-- Sums.
-- partition: month
-- order: amount desc
SELECT who, sum(amount) AS amount, count(*) AS entries FROM entries GROUP BY who`,
}

const names = ["O'Hara", 'a,"b"', 'Côte', '', '%', '‮x', '名']
const columns = {
  n: ['1', '7', '-3', '07', 'x', '99999999999999999999'],
  who: names,
  amount: ['0.10', '12.50', '-1', 'x'],
  ratio: ['0.5', '-2', '1e3', 'x'],
  paid: ['true', 'false', 'x'],
  on: ['2021-04-02', '2021-04-09', 'x'],
  at: ['2021-04-02', '2021-04-09T10:00:00Z', '2021-04-09 10:00:00.5', 'x'],
  tags: ['a', "['a']"],
} as const
const types: Readonly<Record<keyof typeof columns, string>> = {
  n: 'BIGINT',
  who: 'VARCHAR',
  amount: 'DECIMAL(18,2)',
  ratio: 'DOUBLE',
  paid: 'BOOLEAN',
  on: 'DATE',
  at: 'TIMESTAMP',
  tags: 'VARCHAR[]',
}

let server: TestServer
let folder: string
let whole: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-access-'))
  for (const [file, text] of Object.entries(pack)) {
    await mkdir(join(folder, 'pack', file, '..'), { recursive: true })
    await writeFile(join(folder, 'pack', file), text)
  }
  server = await openServer({}, { packs: [join(folder, 'pack')] })
  const lines = Array.from({ length: 60 }, (_, at) =>
    [
      at % 7 === 0 ? '' : String((at % 9) - 3),
      `"${(names[at % names.length] ?? '').replaceAll('"', '""')}"`,
      at % 5 === 0 ? '' : `${at % 13}.${10 + (at % 80)}`,
      at % 6 === 0 ? '' : `${(at % 8) / 2 - 1}`,
      ['true', 'false', ''][at % 3],
      `2021-04-${String((at % 28) + 1).padStart(2, '0')}`,
      `2021-04-${String((at % 28) + 1).padStart(2, '0')} 10:00:00`,
      `"['a', 'b${at % 4}']"`,
    ].join(','),
  )
  await put('entries', '2021-04', ['n,who,amount,ratio,paid,on,at,tags', ...lines])
  for (const house of ['north', 'south']) {
    await put('rooms', `2021-04-${house}`, ['room', `${house} 1`, `${house} 2`])
  }
  const { alpha } = server.tenants
  await server.open.catalog.asTenant(alpha, async (session) => {
    const location = (name: string, rest: string) => ({ location: join(folder, name, rest) })
    await setSourceOptions(session, 'entries', location('entries', '{yyyy}-{MM}.csv'))
    await setSourceOptions(session, 'rooms', location('rooms', '{yyyy}-{MM}-{house}.csv'))
  })
  for (const request of [
    { datasets: ['entries', 'sums'], partitions: ['2021-04'] },
    { datasets: ['rooms'], partitions: ['2021-04:north', '2021-04:south'] },
  ]) {
    const why = { cause: 'test', title: 'test' }
    const { run } = await server.open.factory.start(alpha, { ...request, mode: 'run' }, why)
    const view = await waitForEnd(server.open, alpha, run?.id ?? '')
    assert.equal(view.run.state, 'done', JSON.stringify(view.failures))
  }
  whole = join(folder, 'whole.parquet')
  await writeFile(whole, (await get('entries', fullAccess, 'parquet')).rawPayload)
})
after(async () => {
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

async function put(source: string, name: string, lines: readonly string[]): Promise<void> {
  await mkdir(join(folder, source), { recursive: true })
  await writeFile(join(folder, source, `${name}.csv`), `${lines.join('\n')}\n`)
}

async function keyFor(access: Access): Promise<string> {
  const { id, key, hash } = mintKey(server.open.ids, server.open.random)
  await server.open.catalog.asTenant(server.tenants.alpha, (session) =>
    createKey(session, { id, hash, name: 'n', permissions: ['read', 'export'], access }),
  )
  return key
}

async function request(url: string, access: Access, headers: Record<string, string> = {}) {
  const authorization = `Bearer ${await keyFor(access)}`
  return server.app.inject({ url, headers: { authorization, ...headers } })
}

function get(dataset: string, access: Access, format: string, verb = 'rows', more = '') {
  const url = `/v1/datasets/${dataset}/${verb}?format=${format}${more}`
  return request(url, access)
}

/** The same in plain SQL, over all rows. */
async function expected(shown: readonly string[], filters: readonly RowFilter[], format: string) {
  const operators = { eq: '=', ne: '<>', lt: '<', le: '<=', gt: '>', ge: '>=' } as const
  const terms = filters.map(({ column, op, value }) => {
    const type = types[column as keyof typeof columns]
    if (type === 'VARCHAR[]') return 'false'
    const cast = (text: string) => `TRY_CAST(${literal(text)} AS ${type})`
    if (op === 'in') return `${identifier(column)} IN (${[value].flat().map(cast).join(', ')})`
    return `${identifier(column)} ${operators[op]} ${cast(String(value))}`
  })
  const path = join(folder, `expected-${format}`)
  const how = {
    csv: 'FORMAT csv, HEADER true',
    json: 'FORMAT json, ARRAY true',
    ndjson: 'FORMAT json',
  }
  const select = `SELECT ${shown.map(identifier).join(', ')} FROM read_parquet(${literal(whole)}) WHERE ${['true', ...terms].join(' AND ')}`
  if (format === 'parquet') return JSON.stringify(await rowsOf(select))
  await rowsOf(`COPY (${select}) TO ${literal(path)} (${how[format as keyof typeof how]})`)
  return readFile(path, 'utf8')
}

const columnNames = Object.keys(columns) as (keyof typeof columns)[]
const filter: fc.Arbitrary<RowFilter> = fc.constantFrom(...columnNames).chain((column) => {
  const value = fc.constantFrom<string>(...columns[column])
  const op = fc.constantFrom('eq', 'ne', 'lt', 'le', 'gt', 'ge')
  return fc.oneof(
    fc.record({ column: fc.constant(column), op: op as fc.Arbitrary<'eq'>, value }),
    fc.record({
      column: fc.constant(column),
      op: fc.constant('in' as const),
      value: fc.array(value, { minLength: 1, maxLength: 3 }),
    }),
  )
})

test('for any access, answers in every format are those of plain SQL with its filters', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.subarray(columnNames, { minLength: 1 }),
      fc.array(filter, { maxLength: 3 }),
      fc.constantFrom('csv', 'json', 'ndjson', 'parquet'),
      fc.constantFrom('rows', 'export'),
      async (shown, filters, format, verb) => {
        const access = {
          endpoints: ['entries'],
          columns: { entries: shown },
          rows: { entries: filters },
        }
        const answer = await get('entries', access, format, verb)
        assert.equal(answer.statusCode, 200, answer.body)
        const wanted = await expected(shown, filters, format)
        if (format !== 'parquet') {
          const rows = Number(answer.headers['millrace-total-rows'])
          // Without rows the engine is not asked, and writes no spaces.
          const [is, should] =
            rows > 0
              ? [answer.body, wanted]
              : [answer.body, wanted].map((text) => text.replace(/\s/g, ''))
          assert.equal(is, should)
          return
        }
        const path = join(folder, 'answer.parquet')
        await writeFile(path, answer.rawPayload)
        assert.equal(JSON.stringify(await rowsOf(`FROM read_parquet(${literal(path)})`)), wanted)
        for (const hidden of columnNames.filter((name) => !shown.includes(name))) {
          const described = await rowsOf(
            `SELECT path_in_schema FROM parquet_metadata(${literal(path)})`,
          )
          assert.ok(!described.some((row) => String(row['path_in_schema']).startsWith(hidden)))
        }
      },
    ),
    { numRuns: 25 },
  )
})

test('totals, tags and limits are those of what is seen', async () => {
  const rows = { entries: [{ column: 'n', op: 'gt', value: '2' } as const] }
  const seen: Access = { ...fullAccess, rows }
  const all = await get('entries', fullAccess, 'json')
  const few = await get('entries', seen, 'json')
  const [{ n }] = (await rowsOf(
    `SELECT count(*)::INT AS n FROM read_parquet(${literal(whole)}) WHERE n > 2`,
  )) as [{ n: number }]
  assert.equal(few.headers['millrace-total-rows'], String(n))
  assert.notEqual(few.headers.etag, all.headers.etag)
  // The tag of somebody who sees more opens nothing.
  const guessed = await request('/v1/datasets/entries/rows', seen, {
    'if-none-match': String(all.headers.etag),
  })
  assert.equal(guessed.statusCode, 200)
  const limited = await get('entries', seen, 'json', 'rows', '&limit=1')
  assert.deepEqual(
    [limited.headers['millrace-rows'], limited.headers['millrace-total-rows']],
    ['1', String(n)],
  )
  const status = (await request('/v1/datasets/entries/status', seen)).json<{
    partitions: { rows: null }[]
  }>()
  assert.ok(status.partitions.every((one) => one.rows === null))
})

test('an order by a hidden column is not kept, and does not show it', async () => {
  const open = (await get('sums', fullAccess, 'json')).json<{ who: string }[]>()
  const columnsOnly: Access = { ...fullAccess, columns: { sums: ['who'] } }
  const hidden = (await get('sums', columnsOnly, 'json')).json<{ who: string | null }[]>()
  assert.equal(hidden.length, open.length)
  assert.deepEqual(Object.keys(hidden[0] ?? {}), ['who'])
  const sorted = hidden.map(({ who }) => who).filter((who) => who !== null)
  assert.deepEqual(sorted, sorted.toSorted())
  assert.notDeepEqual(
    open.map(({ who }) => who),
    hidden.map(({ who }) => who),
  )
})

test('a filter on the key that a dataset is cut by hides whole partitions', async () => {
  const rows = { rooms: [{ column: 'house', op: 'in', value: ['north'] } as const] }
  const seen: Access = { ...fullAccess, rows }
  const answer = await get('rooms', seen, 'json')
  assert.deepEqual(answer.json(), [{ room: 'north 1' }, { room: 'north 2' }])
  const status = await request('/v1/datasets/rooms/status', seen)
  assert.ok(!status.body.includes('south'), status.body)
  const south = await get('rooms', seen, 'json', 'rows', '&partition=2021-04:south')
  assert.equal(south.json<{ code: string }>().code, 'rows-unpublished')
})

test('a hidden dataset answers like one that does not exist, at every door', async () => {
  const seen: Access = { endpoints: ['entries'], columns: {}, rows: {} }
  for (const [path, query] of [
    ['rows', ''],
    ['export', ''],
    ['status', ''],
    ['quarantine', ''],
  ] as const) {
    const at = async (dataset: string) => {
      const answer = await request(`/v1/datasets/${dataset}/${path}${query}`, seen)
      const { requestId: _id, ...body } = answer.json<Record<string, unknown>>()
      return JSON.stringify([answer.statusCode, body]).replaceAll(dataset, '*')
    }
    assert.equal(await at('sums'), await at('nope'), path)
    assert.ok(!(await at('nope')).includes('rooms'), path)
  }
  const list = (await request('/v1/datasets', seen)).json<{ datasets: { dataset: string }[] }>()
  assert.deepEqual(
    list.datasets.map(({ dataset }) => dataset),
    ['entries'],
  )
  const status = (await request('/v1/status', seen)).body
  assert.ok(!status.includes('sums') && !status.includes('rooms'))
  const none = (
    await request('/v1/datasets', { endpoints: [], columns: {}, rows: {} })
  ).json<object>()
  assert.deepEqual(none, { datasets: [] })
})

test('whoever sees a part may not read what was held back, nor call what shows more', async () => {
  const part: Access = { ...fullAccess, columns: { entries: ['n'] } }
  for (const url of [
    '/v1/datasets/entries/quarantine',
    '/v1/runs',
    '/v1/usage',
    '/v1/sources/entries/arrivals',
    '/v1/sources/entries/options',
  ]) {
    const answer = await request(url, part)
    assert.ok([403, 404].includes(answer.statusCode), `${url} ${answer.statusCode}`)
  }
  const source = (await request('/v1/sources/entries', part)).json<{
    columns: { name: string }[]
    checks: object[]
  }>()
  assert.deepEqual([source.columns.map(({ name }) => name), source.checks], [['n'], []])
  const other = await request('/v1/datasets/rooms/quarantine', part)
  assert.equal(other.statusCode, 200)
})
