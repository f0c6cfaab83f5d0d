import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'

import { cacheExchange, Client, fetchExchange, gql } from '@urql/core'
import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery } from 'graphql'
import { createClient as createSseClient } from 'graphql-sse'

import { setSourceOptions } from '#catalog/options.ts'
import { setTenantRate } from '#catalog/rates.ts'
import { createTenant } from '#catalog/tenants.ts'
import { waitForEnd } from '../../test/support/open-parts.ts'
import { openServer, type TestServer } from '../../test/support/open-server.ts'

const ROWS_MAX = 5

let server: TestServer
let key: string
let foreignKey: string
let url: string
let runId: string

before(async () => {
  server = await openServer({ rowsMax: ROWS_MAX })
  const { alpha, beta } = server.tenants
  key = await server.key(alpha, ['read', 'export', 'run'])
  foreignKey = await server.key(beta, ['read', 'export', 'run'])
  const folder = join(server.home, 'in', '2021', '04')
  await mkdir(folder, { recursive: true })
  const lines = Array.from(
    { length: 9 },
    (_, at) =>
      `d24173d9-b062-49a7-a856-74c89dcab4${at}0,2021-04-0${at + 1},p${at}@shop${at % 3}.co.uk,AT,192.66.235.59,index,visit,"['a']"`,
  )
  const header = 'id,timestamp,email,country,ip,uri,action,tags'
  await writeFile(join(folder, 'events.csv'), `${[header, ...lines].join('\n')}\n`)
  const location = join(server.home, 'in', '{yyyy}', '{MM}', 'events.csv')
  await server.open.catalog.asTenant(alpha, (session) =>
    setSourceOptions(session, 'events', { location }),
  )
  const request = { datasets: ['events', 'top_companies'], partitions: ['2021-04'] } as const
  const started = await server.open.factory.start(
    alpha,
    { ...request, mode: 'run' },
    { cause: 'test', title: 'first run' },
  )
  runId = started.run?.id ?? ''
  const view = await waitForEnd(server.open, alpha, runId)
  assert.equal(view.run.state, 'done', JSON.stringify(view.failures))
  url = await server.app.listen({ port: 0, host: '127.0.0.1' })
})
after(() => server.close())

interface Answer {
  readonly data?: Record<string, unknown> | null
  readonly errors?: readonly {
    readonly message: string
    readonly extensions: { readonly code: string; readonly remedy?: string }
  }[]
}

async function ask(query: string, variables: object = {}, as = key) {
  const answer = await server.app.inject({
    method: 'POST',
    url: '/graphql',
    headers: { authorization: `Bearer ${as}` },
    payload: { query, variables },
  })
  return { status: answer.statusCode, body: JSON.parse(answer.body) as Answer, text: answer.body }
}

test('a generic client introspects the schema and queries it', async () => {
  const client = new Client({
    url: `${url}/graphql`,
    preferGetMethod: false,
    exchanges: [cacheExchange, fetchExchange],
    fetchOptions: { headers: { authorization: `Bearer ${key}` } },
  })
  const introspected = await client.query<IntrospectionQuery>(getIntrospectionQuery(), {})
  assert.equal(introspected.error, undefined)
  assert.ok(introspected.data)
  const schema = buildClientSchema(introspected.data)
  for (const name of ['Run', 'Task', 'Dataset', 'Partition', 'Version', 'Endpoint', 'Rows']) {
    assert.ok(schema.getType(name), name)
  }
  const graph = await client.query<{
    runs: {
      nodes: {
        id: string
        title: string
        tasks: { dataset: string; state: string; log: { attempts: { state: string }[] } }[]
      }[]
    }
  }>(
    gql`
      query ($first: Int) {
        runs(first: $first) {
          nodes {
            id
            title
            tasks {
              dataset
              state
              log {
                attempts {
                  number
                }
              }
            }
          }
        }
      }
    `,
    { first: 5 },
  )
  assert.equal(graph.error, undefined, String(graph.error))
  const [run] = graph.data?.runs.nodes ?? []
  assert.equal(run?.title, 'first run')
  const top = run.tasks.find(({ dataset }) => dataset === 'top_companies')
  assert.equal(top?.state, 'DONE')
  assert.equal(top.log.attempts.length, 1)
})

test('a dataset leads to its partitions and their versions, page by page', async () => {
  const query = `query ($after: String) {
    datasets { datasets { dataset partitions { partition state }
      versions(first: 2, after: $after) {
        nodes { partition run { id } } pageInfo { hasNextPage endCursor hasPreviousPage }
      } } } }`
  type Page = {
    nodes: { partition: string; run: { id: string } }[]
    pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; endCursor: string | null }
  }
  const pages: Page[] = []
  let cursor: string | null = null
  do {
    const { body } = await ask(query, { after: cursor })
    assert.equal(body.errors, undefined, JSON.stringify(body.errors))
    assert.ok(body.data)
    const { datasets } = body.data['datasets'] as {
      datasets: { dataset: string; versions: Page }[]
    }
    const days = datasets.find(({ dataset }) => dataset === 'users_by_day')
    assert.ok(days)
    pages.push(days.versions)
    cursor = days.versions.pageInfo.hasNextPage ? days.versions.pageInfo.endCursor : null
  } while (cursor !== null)
  const seen = pages.flatMap(({ nodes }) => nodes)
  assert.equal(new Set(seen.map(({ partition }) => partition)).size, seen.length)
  assert.equal(seen.length, 9)
  assert.ok(seen.every(({ run }) => run.id === runId))
  assert.deepEqual(
    pages.map(({ pageInfo }) => pageInfo.hasPreviousPage),
    [false, true, true, true, true],
  )
})

const ROWS = `query ($endpoint: String!, $month: String!, $first: Int, $after: String) {
  endpointRows(endpoint: $endpoint, parameters: [{ name: "month", value: $month }],
    first: $first, after: $after) {
    ... on Rows { rows receipt commit columns { name type } completeness { expected published }
      pageInfo { hasNextPage endCursor } }
    ... on DeliveryAccepted { delivery location }
  } }`

test('rows and receipt are those that REST answers', async () => {
  const variables = { endpoint: 'top_companies_by_month', month: '2021-04' }
  const { body } = await ask(ROWS, variables)
  assert.equal(body.errors, undefined, JSON.stringify(body.errors))
  const rest = await server.app.inject({
    url: '/v1/endpoints/top_companies_by_month/rows?month=2021-04',
    headers: { authorization: `Bearer ${key}` },
  })
  const expected = JSON.parse(rest.body) as Record<string, unknown>
  const rows = body.data?.['endpointRows'] as Record<string, unknown>
  assert.deepEqual(rows['rows'], expected['rows'])
  assert.deepEqual(rows['columns'], expected['columns'])
  assert.equal(rows['receipt'], expected['receipt'])
  assert.equal((rows['rows'] as unknown[]).length, 3)
})

test('pages of rows continue over the same versions', async () => {
  const variables = { endpoint: 'top_companies_by_month', month: '2021-04', first: 2 }
  type Page = { rows: unknown[]; receipt: string; pageInfo: { endCursor: string | null } }
  const first = (await ask(ROWS, variables)).body.data?.['endpointRows'] as Page
  const { body } = await ask(ROWS, { ...variables, after: first.pageInfo.endCursor })
  const second = body.data?.['endpointRows'] as Page
  assert.deepEqual([first.rows.length, second.rows.length], [2, 1])
  assert.equal(first.receipt, second.receipt)
  assert.equal(second.pageInfo.endCursor, null)
})

test('what a document holds as defaults of its variables is asked where nobody sends others', async () => {
  const document = `query (
    $endpoint: String! = "top_companies_by_month"
    $parameters: [NamedText!] = [{name: "month", value: "2021-04"}]
    $where: [RowCondition!] = [{column: "events", is: "ge.1"}, {column: "events", is: "lt.4"}]
    $sort: [String!] = ["-company"]
    $first: Int = 2
  ) { endpointRows(endpoint: $endpoint, parameters: $parameters, where: $where, sort: $sort, first: $first) {
    ... on Rows { rows } } }`
  const companiesOf = async (variables: object) => {
    const { body } = await ask(document, variables)
    assert.equal(body.errors, undefined, JSON.stringify(body.errors))
    const answer = body.data?.['endpointRows'] as { rows: { company: string }[] } | undefined
    return answer?.rows.map(({ company }) => company)
  }
  assert.deepEqual(await companiesOf({}), ['shop2.co.uk', 'shop1.co.uk'])
  assert.deepEqual(await companiesOf({ sort: ['company'] }), ['shop0.co.uk', 'shop1.co.uk'])
  assert.deepEqual(await companiesOf({ where: [{ column: 'company', is: 'eq.shop0.co.uk' }] }), [
    'shop0.co.uk',
  ])
})

test('more rows than one request may answer become a delivery', async () => {
  const { body } = await ask(
    `{ datasetRows(dataset: "users_by_day") {
      ... on Rows { receipt } ... on DeliveryAccepted { delivery location } } }`,
  )
  assert.equal(body.errors, undefined, JSON.stringify(body.errors))
  const accepted = body.data?.['datasetRows'] as { delivery: string; location: string }
  assert.match(accepted.delivery, /^dlv_/)
  assert.match(accepted.location, /\/v1\/deliveries\/dlv_/)
})

test('what is refused says its code and the way out, and leaves the rest of the answer', async () => {
  const { status, body } = await ask(`{
    run(run: "run_nosuch") { run { id } }
    members { nodes { id } }
    datasets { datasets { dataset } } }`)
  assert.equal(status, 200)
  assert.ok(body.data?.['datasets'])
  assert.deepEqual([body.data?.['run'], body.data?.['members']], [null, null])
  const codes = body.errors?.map(({ extensions }) => extensions.code).toSorted()
  assert.deepEqual(codes, ['forbidden', 'run-unknown'])
  assert.ok(body.errors?.every(({ extensions }) => extensions.remedy))
})

test('foreign ids answer as unknown ones, byte for byte', async () => {
  const query = 'query ($run: String!) { run(run: $run) { run { id } } }'
  const strip = (text: string, id: string) =>
    text.replaceAll(id, 'ID').replaceAll(/"requestId":"[^"]*"/g, '')
  const foreign = await ask(query, { run: runId }, foreignKey)
  const unknown = await ask(query, { run: 'run_00000000000000000000' }, foreignKey)
  assert.equal(strip(foreign.text, runId), strip(unknown.text, 'run_00000000000000000000'))
})

test('changes are made by mutations, and never by GET', async () => {
  const { body } = await ask(
    'mutation ($run: String!) { runsUndo(input: { run: $run }) { commitNumber } }',
    { run: runId },
  )
  assert.equal(body.errors, undefined, JSON.stringify(body.errors))
  assert.ok(body.data)
  assert.ok((body.data['runsUndo'] as { commitNumber: number }).commitNumber > 1)
  const get = await server.app.inject({
    url: '/graphql?query={datasets{datasets{dataset}}}',
    headers: { authorization: `Bearer ${key}` },
  })
  assert.equal(get.statusCode, 404)
  const nobody = await server.app.inject({
    method: 'POST',
    url: '/graphql',
    payload: { query: '{ __typename }' },
  })
  assert.equal(nobody.statusCode, 401)
})

test('queries that ask for too much are refused before anything is asked', async () => {
  const deep = `{ runs { nodes { tasks { run { tasks { run { tasks { run { tasks { run {
    tasks { run { id } } } } } } } } } } } } }`
  const aliases = `{ ${Array.from({ length: 31 }, (_, at) => `a${at}: __typename`).join(' ')} }`
  const costly = `{ runs(first: 1000) { nodes { tasks { log { attempts { number } } id state dataset
    partition kind reason rows startedAt endedAt attempts error forced conditional runId
    run { id state title cause createdAt endedAt } } } } }`
  const tokens = `{ ${'__typename '.repeat(3_001)} }`
  const cyclic = 'query { ...a } fragment a on Query { ...b } fragment b on Query { ...a }'
  const bomb = [
    'query { ...f0 }',
    ...Array.from(
      { length: 20 },
      (_, at) => `fragment f${at} on Query { ...f${at + 1} ...f${at + 1} }`,
    ),
    'fragment f20 on Query { __typename }',
  ].join(' ')
  const byDefault = costly
    .replace('{ runs', 'query ($most: Int = 1000) { runs')
    .replace('first: 1000', 'first: $most')
  for (const query of [deep, aliases, costly, byDefault, tokens, cyclic, bomb]) {
    const { status, body } = await ask(query)
    assert.equal(status, 400, query.slice(0, 80))
    assert.equal(body.data, undefined)
    assert.ok(
      body.errors?.every(({ extensions }) => extensions.code.startsWith('query-')),
      JSON.stringify(body.errors?.slice(0, 2)),
    )
  }
  const batch = await server.app.inject({
    method: 'POST',
    url: '/graphql',
    headers: { authorization: `Bearer ${key}` },
    payload: [{ query: '{ __typename }' }, { query: '{ __typename }' }],
  })
  assert.equal(batch.statusCode, 400)
})

test('each operation that a request leads to is paid for as through any other door', async () => {
  const { catalog } = server.open
  const tenant = await createTenant(catalog, 'gamma')
  await catalog.asSystem((session) => setTenantRate(session, tenant.id, { perMinute: 1, burst: 5 }))
  const poor = await server.key(tenant, ['read'])
  const fields = Array.from(
    { length: 9 },
    (_, at) => `a${at}: run(run: "run_${at}") { run { id } }`,
  )
  const { body } = await ask(`{ ${fields.join(' ')} }`, {}, poor)
  const codes = body.errors?.map(({ extensions }) => extensions.code) ?? []
  assert.equal(codes.filter((code) => code === 'run-unknown').length, 5)
  assert.equal(codes.filter((code) => code === 'rate-limited').length, 4)
})

test('a subscription tells events as they are committed, and a run until its end', async () => {
  const client = createSseClient({
    url: `${url}/graphql`,
    headers: { authorization: `Bearer ${key}` },
    retryAttempts: 0,
  })
  const events = client.iterate({ query: 'subscription { events(after: 0) { sequence kind } }' })
  const kinds: string[] = []
  for await (const { data } of events) {
    assert.ok(data)
    kinds.push((data['events'] as { kind: string }).kind)
    if (kinds.includes('run.started') && kinds.includes('partition.published')) break
  }
  const seen: string[] = []
  const progress = client.iterate({
    query: 'subscription ($run: String!) { runProgress(run: $run) { run { state } } }',
    variables: { run: runId },
  })
  for await (const { data, errors } of progress) {
    assert.equal(errors, undefined, JSON.stringify(errors))
    assert.ok(data)
    seen.push((data['runProgress'] as { run: { state: string } }).run.state)
  }
  assert.deepEqual(seen, ['DONE'])
  const codes: unknown[] = []
  const unknown = client.iterate({
    query: 'subscription { runProgress(run: "run_nosuch") { run { state } } }',
  })
  for await (const { errors } of unknown) codes.push(errors?.[0]?.extensions['code'])
  assert.deepEqual(codes, ['run-unknown'])
  client.dispose()
})
