import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { InjectOptions } from 'fastify'

import { followChain } from '#catalog/audit-chain.ts'
import { listAudit, type AuditRow } from '#catalog/audit.ts'
import { openServer, type TestServer } from '../../../test/support/open-server.ts'

let server: TestServer
let key: string

before(async () => {
  server = await openServer()
  key = await server.key(server.tenants.alpha, ['read', 'run', 'admin'])
})
after(() => server.close())

async function ask(request: InjectOptions, by = key) {
  const answer = await server.app.inject({ ...request, headers: { authorization: `Bearer ${by}` } })
  return { status: answer.statusCode, text: answer.body, body: () => answer.json() }
}

const operator = (url: string, payload?: object): InjectOptions => ({
  url,
  headers: { authorization: `Bearer ${server.operatorKey}`, 'millrace-tenant': 'alpha' },
  ...(payload && { method: 'POST', payload }),
})

async function rowsOf(...actions: readonly string[]): Promise<AuditRow[]> {
  const { catalog } = server.open
  const rows = await catalog.asTenant(server.tenants.alpha, (own) => listAudit(own, 0, 1_000))
  return rows.filter(({ action }) => actions.includes(action))
}

test('a change leaves one row with what may be seen of it, a refused one leaves none', async () => {
  const before = (await ask({ url: '/v1/audit' })).body().rows.length
  const made = await ask({ method: 'POST', url: '/v1/keys', payload: { name: 'größe\n"x"' } })
  assert.equal(made.status, 200)
  const refused = await ask({ method: 'POST', url: '/v1/keys', payload: { name: '' } })
  assert.equal(refused.status, 400)
  const { rows } = (await ask({ url: '/v1/audit' })).body()
  assert.equal(rows.length, before + 1)
  assert.equal(rows[0].action, 'keys.create')
  assert.match(rows[0].actor, /^key mk_/)
  assert.deepEqual(JSON.parse(rows[0].detail).name, 'größe\n"x"')
  assert.doesNotMatch(rows[0].detail, new RegExp(made.body().key))
})

test('what an operator looks at stands in the log of that tenant, once in a while', async () => {
  const seen = async () => (await rowsOf('datasets.list')).length
  const former = await seen()
  for (let turn = 0; turn < 3; turn++) {
    assert.equal((await server.app.inject(operator('/v1/datasets'))).statusCode, 200)
  }
  assert.equal(await seen(), former + 1)
  await ask({ url: '/v1/datasets' })
  assert.equal(await seen(), former + 1, 'reading of the tenant itself is no step of an operator')
})

test('the log is searched by who, what and when, page by page', async () => {
  const at = new Date().toISOString()
  const names = ['one', 'two', 'three']
  for (const name of names) {
    assert.equal((await ask({ method: 'POST', url: '/v1/keys', payload: { name } })).status, 200)
  }
  const look = async (query: string) => (await ask({ url: `/v1/audit?${query}` })).body()
  const found: string[] = []
  for (let before: number | null = null; ;) {
    const page = await look(
      `action=keys&since=${at}&limit=2${before === null ? '' : `&before=${before}`}`,
    )
    found.push(...page.rows.map(({ detail }: AuditRow) => JSON.parse(detail).name))
    before = page.next
    if (before === null) break
  }
  assert.deepEqual(found, names.toReversed())
  assert.equal((await look('action=key')).rows.length, 0)
  assert.equal((await look(`action=keys.create&until=${at}`)).rows.length > 0, true)
  assert.equal((await look(`until=2020-01-01T00:00:00Z`)).rows.length, 0)
  const [own] = (await look('action=keys')).rows
  const holder = own.actor.slice(4).toUpperCase()
  assert.equal((await look(`actor=${holder}&action=keys&since=${at}`)).rows.length, 3)
  assert.equal((await look('actor=nobody-of-this-name')).rows.length, 0)
})

test('each thing that an operator looks at is a step of its own', async () => {
  for (const name of ['events_by_day', 'nothing', 'events', 'events_by_day']) {
    await server.app.inject(operator(`/v1/datasets/${name}/status`))
  }
  const seen = (await rowsOf('datasets.status')).map(({ detail }) => JSON.parse(detail).dataset)
  assert.deepEqual(seen, ['events_by_day', 'events'], 'what is refused is no step')
})

test('what an operator does without writing anything is noted, and what a machine of his does once in a while', async () => {
  const twice = async (request: InjectOptions) => {
    for (let turn = 0; turn < 2; turn++) {
      const answer = await server.app.inject(request)
      assert.equal(answer.statusCode, 200, answer.body)
    }
  }
  const lease = { names: ['nothing.waits'] }
  await twice(operator('/v1/tasks/lease', lease))
  await twice(operator('/v1/tenants/alpha/resume', {}))
  const steps = async () => {
    const rows = await rowsOf('tasks.lease', 'tenants.resume')
    return rows.map(({ actor, action }) => `${actor} ${action}`)
  }
  const expected = ['operator tasks.lease', 'operator tenants.resume', 'operator tenants.resume']
  assert.deepEqual(await steps(), expected)
  assert.equal((await ask({ method: 'POST', url: '/v1/tasks/lease', payload: lease })).status, 200)
  assert.deepEqual(await steps(), expected, 'others leave no row of it')
})

test('what an operator changes leaves one row', async () => {
  for (const [step, payload] of [
    ['suspend', { reason: 'unpaid' }],
    ['resume', {}],
  ] as const) {
    const former = await rowsOf(`tenants.${step}`)
    const answer = await server.app.inject(operator(`/v1/tenants/alpha/${step}`, payload))
    assert.equal(answer.statusCode, 200, answer.body)
    assert.equal((await rowsOf(`tenants.${step}`)).length, former.length + 1, step)
  }
})

test('the log is followed here and wherever it was exported to; pages meet', async () => {
  for (const name of ['one', 'two', 'three']) {
    await ask({ method: 'POST', url: '/v1/keys', payload: { name } })
  }
  const { body } = await ask({ url: '/v1/audit/verify' })
  const verdict = body()
  assert.equal(verdict.broken, null)
  const lines = (await ask({ url: '/v1/audit/export' })).text.trim().split('\n')
  const exported = lines.map((line) => JSON.parse(line) as AuditRow)
  assert.equal(exported.length, verdict.rows)
  const follow = (rows: readonly AuditRow[]) => followChain(each(rows))
  assert.deepEqual((await follow(exported)).head, verdict.head)

  const second = exported[1]
  assert.ok(second)
  const changed = exported.with(1, { ...second, actor: 'somebody else' })
  assert.equal((await follow(changed)).broken?.seq, 2)
  assert.match((await follow(exported.toSpliced(1, 1))).broken?.problem ?? '', /row 2 is missing/)
  assert.equal((await follow(exported.toReversed())).broken?.seq, 1)

  const pages: number[] = []
  for (let next: number | null = verdict.head.seq + 1; next !== null;) {
    const page = (await ask({ url: `/v1/audit?limit=2&before=${next}` })).body()
    pages.push(...page.rows.map(({ seq }: AuditRow) => seq))
    next = page.next
  }
  assert.deepEqual(pages, exported.map(({ seq }) => seq).toReversed())
})

async function* each<T>(rows: readonly T[]): AsyncGenerator<T> {
  yield* rows
}
