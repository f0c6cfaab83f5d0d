import assert from 'node:assert/strict'
import { mkdir, copyFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import type { DuckDBConnection } from '@duckdb/node-api'

import { setSourceOptions } from '#catalog/options.ts'
import { memoryCodeVersions } from '#definitions/code-versions.ts'
import { openDuckdbParser } from '#definitions/duckdb-parser.ts'
import { readPack } from '#definitions/read-pack.ts'

import { writeTwin } from '../../packs/events/samples/twin.ts'
import { waitForEnd } from '../support/open-parts.ts'
import { openServer, type TestServer } from '../support/open-server.ts'
import { runPackPlainly } from './events-truth-plain.ts'

const MONTHS = ['2021-04', '2021-06']
let server: TestServer
let key: string
let truth: { readonly connection: DuckDBConnection; close(): void }

before(async () => {
  server = await openServer()
  const { alpha } = server.tenants
  key = await server.key(alpha, ['read', 'run'])
  const sample = join(server.home, 'twin')
  await mkdir(sample)
  const { months } = await writeTwin(sample, { seed: 7, months: MONTHS, rowsPerMonth: 800 })
  const files = new Map(months.map(({ month, path }) => [month, path]))
  for (const [month, path] of files) {
    const place = join(server.home, 'in', month.replace('-', '/'), 'events.csv')
    await mkdir(dirname(place), { recursive: true })
    await copyFile(path, place)
  }
  const location = join(server.home, 'in', '{yyyy}', '{MM}', 'events.csv')
  await server.open.catalog.asTenant(alpha, (session) =>
    setSourceOptions(session, 'events', { location }),
  )
  const { run } = await post<{ run: { id: string } }>('/v1/runs', { mode: 'run' })
  const { run: ended } = await waitForEnd(server.open, alpha, run.id)
  assert.equal(ended.state, 'done')
  const parser = openDuckdbParser()
  const pack = await readPack(join(import.meta.dirname, '..', '..', 'packs', 'events'), {
    serializeSql: parser.serializeSql,
    codeVersions: memoryCodeVersions(),
  })
  parser.close()
  truth = await runPackPlainly(pack, files)
})
after(async () => {
  truth.close()
  await server.close()
})

type Row = Readonly<Record<string, unknown>>

async function post<T>(url: string, payload: object): Promise<T> {
  const headers = { authorization: `Bearer ${key}` }
  const answer = await server.app.inject({ method: 'POST', url, headers, payload })
  assert.equal(answer.statusCode, 200, answer.body)
  return answer.json<T>()
}

async function get<T>(url: string): Promise<T> {
  const answer = await server.app.inject({ url, headers: { authorization: `Bearer ${key}` } })
  assert.equal(answer.statusCode, 200, `${url}: ${answer.body}`)
  return answer.json<T>()
}

async function rows(endpoint: string, query = '', verb = 'rows'): Promise<readonly Row[]> {
  return (await get<{ rows: Row[] }>(`/v1/endpoints/${endpoint}/${verb}?${query}`)).rows
}

/** Rows of SQL over tables with `_partition`, numbers as numbers and everything else as text. */
async function plain(sql: string): Promise<Row[]> {
  const result = await truth.connection.runAndReadAll(sql)
  const isNumber = result.columnTypes().map((type) => /INT|DECIMAL|DOUBLE/.test(type.toString()))
  const names = result.columnNames()
  return result
    .getRowsJson()
    .map((row) =>
      Object.fromEntries(
        row.map((value, place) => [
          names[place] ?? '',
          isNumber[place] && value !== null ? Number(value) : value,
        ]),
      ),
    )
}

async function assertSame(given: readonly Row[], sql: string, least = 1): Promise<void> {
  const right = await plain(sql)
  assert.ok(right.length >= least, `the truth has ${right.length} rows`)
  assert.deepEqual(given, right)
}

const company = (domains = 'tables.domains_by_month') => `
  SELECT d.email_domain, d.company, d._partition AS month FROM ${domains} d WHERE company IS NOT NULL`
const usersOf = (where: string) => `
  SELECT u.email, CAST(sum(u.events) AS BIGINT) AS events, count(*) AS days
  FROM tables.users_by_day u JOIN (${company()}) c
    ON c.email_domain = u.email_domain AND c.month = left(u._partition, 7)
  WHERE u.email <> '' AND ${where} GROUP BY ALL ORDER BY events DESC, email`

test('the top companies of a month, the newest unless said, and the users behind one', async () => {
  const top = (month: string, most: number) => `
    WITH c AS (
      SELECT c.company, CAST(sum(u.events) AS BIGINT) AS events,
        count(DISTINCT u.email) FILTER (u.email <> '') AS users
      FROM tables.users_by_day u JOIN (${company()}) c
        ON c.email_domain = u.email_domain AND c.month = left(u._partition, 7)
      WHERE c.month = '${month}' GROUP BY ALL)
    SELECT rank() OVER (ORDER BY events DESC) AS rank, company, events, users,
      count(*) OVER (PARTITION BY events) AS tied
    FROM c QUALIFY rank <= ${most} ORDER BY rank, company`
  const newest = await rows('top_companies_by_month')
  await assertSame(newest, top('2021-06', 10), 10)
  await assertSame(
    await rows('top_companies_by_month', 'month=2021-04&top=3'),
    top('2021-04', 3),
    3,
  )
  const [first] = newest
  const row = `row.company=${String(first?.['company'])}`
  const behind = await rows('top_companies_by_month', row, 'drill')
  await assertSame(
    behind,
    usersOf(`c.company = '${String(first?.['company'])}' AND c.month = '2021-06'`),
  )
  assert.equal(
    behind.reduce((sum, { events }) => sum + Number(events), 0) <= Number(first?.['events']),
    true,
  )
})

test('the top users of a month, and the days behind one', async () => {
  const top = await rows('top_users_by_month', 'month=2021-04&top=5')
  await assertSame(
    top,
    `WITH u AS (SELECT email, CAST(sum(events) AS BIGINT) AS events FROM tables.users_by_day
       WHERE email <> '' AND _partition LIKE '2021-04%' GROUP BY ALL)
     SELECT rank() OVER (ORDER BY events DESC) AS rank, email, events,
       count(*) OVER (PARTITION BY events) AS tied FROM u QUALIFY rank <= 5 ORDER BY rank, email`,
    5,
  )
  const email = String(top[0]?.['email'])
  const query = `month=2021-04&row.email=${encodeURIComponent(email)}`
  await assertSame(
    await rows('top_users_by_month', query, 'drill'),
    `SELECT CAST(timestamp AS DATE) AS day, count(*) AS events FROM tables.events
     WHERE email = '${email}' AND timestamp >= '2021-04-01' AND timestamp < '2021-05-01'
     GROUP BY ALL ORDER BY day`,
  )
})

test('each month with what happened, and a year is all of its months', async () => {
  const overview = await rows('monthly_overview', 'period=2021')
  assert.deepEqual(
    overview.slice(-1).map(({ month }) => month),
    (await rows('monthly_overview')).map(({ month }) => month),
  )
  const first = new Set<unknown>()
  for (const { month, ...figures } of overview) {
    const [events] = await plain(
      `SELECT count(*) AS events, count(DISTINCT CAST(timestamp AS DATE)) AS days,
         count(DISTINCT email) FILTER (email <> '') AS users
       FROM tables.events WHERE strftime(timestamp, '%Y-%m') = '${String(month)}'`,
    )
    const companies = await plain(
      `SELECT company, CAST(sum(events) AS BIGINT) AS n FROM tables.domains_by_month
       WHERE company IS NOT NULL AND _partition = '${String(month)}' GROUP BY company`,
    )
    const fresh = companies.filter((one) => !first.has(one['company']))
    for (const one of companies) first.add(one['company'])
    assert.deepEqual(figures, {
      ...events,
      companies: companies.length,
      new_companies: fresh.length,
      company_events: companies.reduce((sum, { n }) => sum + Number(n), 0),
    })
  }
  assert.ok(overview.length >= 2)
})

test('events over time by day, week, month and year', async () => {
  for (const grain of ['day', 'week', 'month', 'year']) {
    const query = `from=2021-04&to=2021-06&grain=${grain}`
    await assertSame(
      await rows('events_over_time', query),
      `WITH d AS (SELECT CAST(timestamp AS DATE) AS day, count(*) AS n FROM tables.events
         WHERE timestamp >= '2021-04-01' AND timestamp < '2021-07-01' GROUP BY ALL)
       SELECT CAST(date_trunc('${grain}', day) AS DATE) AS starts_on,
         CAST(sum(n) AS BIGINT) AS events, count(*) AS days,
         (list(day ORDER BY n DESC, day))[1] AS busiest_day
       FROM d GROUP BY starts_on ORDER BY starts_on`,
      grain === 'year' ? 1 : 2,
    )
  }
})

test('the history of a company, and the users behind one month of it', async () => {
  const [top] = await rows('top_companies_by_month', 'top=1')
  const name = String(top?.['company'])
  const history = await rows('company_history', `company=${name}`)
  await assertSame(
    history,
    `WITH c AS (
       SELECT c.month, c.company, CAST(sum(u.events) AS BIGINT) AS events,
         count(DISTINCT u.email) FILTER (u.email <> '') AS users
       FROM tables.users_by_day u JOIN (${company()}) c
         ON c.email_domain = u.email_domain AND c.month = left(u._partition, 7)
       GROUP BY ALL)
     SELECT month, events, users, share FROM (
       SELECT *, CAST(round(100 * events / sum(events) OVER (PARTITION BY month), 4)
         AS DECIMAL(7, 4)) AS share FROM c)
     WHERE company = '${name}' ORDER BY month`,
  )
  const month = String(history.at(-1)?.['month'])
  await assertSame(
    await rows('company_history', `company=${name}&row.month=${month}`, 'drill'),
    usersOf(`c.company = '${name}' AND c.month = '${month}'`),
  )
})

test('the quality of files', async () => {
  await assertSame(
    await rows('data_quality', 'period=2021'),
    `SELECT _partition AS month, metric, rows, percent FROM tables.quality_card ORDER BY 1, 2`,
    12,
  )
})

test('a row that the endpoint does not show leads nowhere; an endpoint without a drill says so', async () => {
  const problem = async (url: string) => {
    const answer = await server.app.inject({ url, headers: { authorization: `Bearer ${key}` } })
    const { code, detail } = answer.json<{ code: string; detail: string }>()
    return `${answer.statusCode} ${code}: ${detail}`
  }
  const drill = '/v1/endpoints/top_companies_by_month/drill'
  assert.match(
    await problem(drill),
    /^400 endpoint-drill-row: .* needs company, and company was not sent/,
  )
  assert.match(
    await problem(`${drill}?row.company=nobody.example`),
    /shows no row with these values/,
  )
  assert.match(await problem('/v1/endpoints/data_quality/drill'), /^422 endpoint-drill-missing/)
})

test('an endpoint is shown with its parameters, the types of its columns, an example and rows', async () => {
  const shown = await get<{
    endpoint: { parameters: { name: string }[]; columns: { name: string; type: string }[] }
    example: { curl: string; cli: string }
    sample: { rows: Row[]; receipt: string } | null
  }>('/v1/endpoints/top_companies_by_month')
  assert.deepEqual(
    shown.endpoint.columns.map(({ name, type }) => `${name} ${type}`),
    ['rank BIGINT', 'company VARCHAR', 'events BIGINT', 'users BIGINT', 'tied BIGINT'],
  )
  assert.match(
    shown.example.curl,
    /\/v1\/endpoints\/top_companies_by_month\/rows\?month=latest&top=10/,
  )
  assert.equal(
    shown.example.cli,
    'millrace endpoints rows top_companies_by_month --parameters month=latest --parameters top=10',
  )
  assert.deepEqual(shown.sample?.rows, (await rows('top_companies_by_month')).slice(0, 3))
})

test('every request is counted by hour, version and caller', async () => {
  await rows('data_quality')
  const refused = '/v1/endpoints/data_quality/rows?period=nothing'
  await server.app.inject({ url: refused, headers: { authorization: `Bearer ${key}` } })
  await server.parts.traffic.flush()
  interface Hours {
    hours: { endpoint: string; caller: string; requests: number; refused: number; rows: number }[]
  }
  const { hours } = await get<Hours>('/v1/endpoint-traffic?endpoint=data_quality')
  const requests = hours.reduce((sum, hour) => sum + hour.requests, 0)
  assert.ok(requests >= 2)
  assert.equal(
    hours.reduce((sum, hour) => sum + hour.refused, 0),
    1,
  )
  assert.ok(hours.every(({ caller }) => caller.startsWith('key mk_')))
  const csv = await server.app.inject({
    url: '/v1/endpoint-traffic/export.csv',
    headers: { authorization: `Bearer ${key}` },
  })
  assert.match(csv.body, /^hour,endpoint,version,caller,requests/)
  assert.match(csv.body, /data_quality,1,key mk_/)
})
