import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import type { Tenant } from '#model/tenant.ts'
import {
  buildRun,
  buildTask,
  claimBatch,
  publishBatch,
} from '../../../test/support/catalog-builders.ts'
import { openServer, type TestServer } from '../../../test/support/open-server.ts'

let server: TestServer
let key: string

/** Publishes months of `events` without their rows: what follows from them is missing. */
async function publishMonths(tenant: Tenant, ...months: string[]): Promise<void> {
  const { catalog } = server.open
  await buildRun(
    catalog,
    tenant,
    months.map((month) => buildTask('events', month)),
  )
  const codeVersion = server.open.factory.datasets.find(
    ({ name }) => name === 'events',
  )?.codeVersion
  assert.ok(codeVersion)
  await publishBatch(catalog, tenant, await claimBatch(catalog), { codeVersion })
}

before(async () => {
  server = await openServer({}, { working: false })
  const { alpha, beta } = server.tenants
  key = await server.key(alpha, ['read'])
  await publishMonths(alpha, '2021-01', '2021-02', '2021-04')
  await publishMonths(beta, '2021-02')
})
after(() => server.close())

interface Body {
  readonly code: string
  readonly states: readonly string[]
  readonly totals: readonly number[]
  readonly rowsAll: number
  readonly rows: readonly {
    readonly dataset: string
    readonly tenant: string
    readonly standing: string
    readonly tiles: { readonly level: string; readonly runs: readonly number[] } | null
  }[]
  readonly squares: readonly {
    readonly partition: string
    readonly state: string
    readonly causes: readonly string[]
    readonly version: number | null
  }[]
  readonly datasets: readonly { readonly dataset: string; readonly totals: readonly number[] }[]
  readonly next: string | null
}

async function ask(method: 'GET' | 'POST', url: string, payload?: object, bearer = key) {
  const headers = { authorization: `Bearer ${bearer}`, 'millrace-tenant': 'alpha' }
  const { statusCode, ...response } = await server.app.inject({
    method,
    url,
    headers,
    ...(payload && { payload }),
  })
  return { status: statusCode, body: response.json<Body>() }
}

test('a window is told by row and column, for the tenant that asks', async () => {
  const { body } = await ask('GET', '/v1/matrix?datasets=events&columns=12')
  const [row] = body.rows
  assert.deepEqual([row?.dataset, row?.tiles?.level, body.rowsAll], ['events', 'month', 1])
  assert.deepEqual(row?.tiles?.runs, [0, 2, 1, 1, 1, 1, 1, 1])
  assert.equal(body.totals[body.states.indexOf('fresh')], 3)
  const part = '/v1/matrix?datasets=events&from=2021-02-01T00:00:00Z&to=2021-03-01T00:00:00Z'
  assert.deepEqual((await ask('GET', part)).body.rows[0]?.tiles?.runs, [0, 1, 1, 1])
  const unknown = await ask('GET', '/v1/matrix?datasets=nothing')
  assert.deepEqual([unknown.status, unknown.body.code], [404, 'dataset-unknown'])
})

test('the partitions behind a region come page by page, with what is served and why', async () => {
  const places = ['events@2021-01..2021-12', 'events_by_period']
  const seen: string[] = []
  let next: string | null = null
  do {
    const { body } = await ask('POST', '/v1/matrix/squares', {
      places,
      limit: 2,
      ...(next !== null && { after: next }),
    })
    seen.push(...body.squares.map(({ partition, state }) => `${partition} ${state}`))
    assert.equal(body.datasets.length, 2)
    next = body.next
  } while (next !== null)
  assert.deepEqual(seen, [
    ...['2021-01', '2021-02', '2021-04'].map((month) => `${month} fresh`),
    ...['2021-01', '2021-02', '2021-04'].map((month) => `${month} missing`),
  ])
  const { body } = await ask('POST', '/v1/matrix/squares', {
    places,
    states: ['missing'],
    limit: 1,
  })
  assert.deepEqual(
    body.squares.map(({ causes, version }) => [causes, version]),
    [[['never built'], null]],
  )
  const foreign = await ask('POST', '/v1/matrix/squares', { places: ['events@2021-03'] })
  assert.deepEqual([foreign.status, foreign.body.code], [404, 'place-unknown'])
})

test('places are planned as they are, and exclude other ways to name partitions', async () => {
  const places = ['events@2021-01,2021-04', 'events_by_period@2021-02']
  const { body } = await ask('POST', '/v1/plans', { places, mode: 'rerun' })
  const { tasks } = body as unknown as { tasks: { dataset: string; partition: string }[] }
  assert.deepEqual(
    tasks.map(({ dataset, partition }) => `${dataset} ${partition}`),
    ['events 2021-01', 'events 2021-04', 'events_by_period 2021-02'],
  )
  const both = await ask('POST', '/v1/plans', { places, datasets: ['events'] })
  assert.deepEqual([both.status, both.body.code], [400, 'region-unclear'])
})

test('operators see a dataset of all tenants; others do not', async () => {
  const url = '/v1/matrix/tenants?dataset=events&columns=12'
  const { body } = await ask('GET', url, undefined, server.operatorKey)
  assert.deepEqual(
    body.rows.flatMap(({ tenant, standing, tiles }) =>
      ['alpha', 'beta'].includes(tenant) ? [[tenant, standing, tiles?.runs]] : [],
    ),
    [
      ['alpha', 'counted', [0, 2, 1, 1, 1, 1, 1, 1]],
      ['beta', 'counted', [1, 1, 1, 1]],
    ],
  )
  const page = await ask('GET', `${url}&limit=1`, undefined, server.operatorKey)
  assert.deepEqual([page.body.rows.length, page.body.next], [1, 'alpha'])
  assert.equal((await ask('GET', url)).status, 403)
})
