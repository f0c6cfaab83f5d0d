import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'

import { setSourceOptions } from '#catalog/options.ts'
import { systemClock } from '#kernel/clock.ts'
import { openServer, type TestServer } from '../../../test/support/open-server.ts'
import { waitForEnd } from '../../../test/support/open-parts.ts'

let server: TestServer
let key: string

before(async () => {
  server = await openServer()
  const { alpha } = server.tenants
  key = await server.key(alpha, ['read', 'export', 'run'])
  for (const month of ['03', '04', '05']) {
    const folder = join(server.home, 'in', '2021', month)
    await mkdir(folder, { recursive: true })
    const line = `a,2021-${month}-02,p@shop.co.uk,CH,192.66.235.59,index,visit,"['a']"`
    await writeFile(
      join(folder, 'events.csv'),
      `id,timestamp,email,country,ip,uri,action,tags\n${line}\n${line}\n`,
    )
  }
  const location = join(server.home, 'in', '{yyyy}', '{MM}', 'events.csv')
  await server.open.catalog.asTenant(alpha, (session) =>
    setSourceOptions(session, 'events', { location }),
  )
})
after(() => server.close())

interface Usage {
  readonly rows: number
  readonly quotas: Readonly<Record<string, { used: number; most: number | null }>>
  readonly days: readonly Readonly<Record<string, number>>[]
}

async function call(method: 'GET' | 'POST', url: string, body?: object, as = key) {
  const authorization = `Bearer ${as}`
  const tenant = as === server.operatorKey ? { 'millrace-tenant': 'alpha' } : {}
  return server.app.inject({
    method,
    url,
    headers: { authorization, ...tenant },
    ...(body && { payload: body }),
  })
}

const usage = async () => (await call('GET', '/v1/usage')).json<Usage>()

async function setQuota(kind: string, most?: number): Promise<void> {
  const answer = await call('POST', `/v1/usage/quotas/${kind}`, { most }, server.operatorKey)
  assert.equal(answer.statusCode, 200, answer.body)
}

async function run(partition: string) {
  const answer = await call('POST', '/v1/runs', { datasets: ['events'], partition, mode: 'run' })
  const { run: started, code } = answer.json<{ run?: { id: string } | null; code?: string }>()
  if (!started) return { code, state: null, failures: [] }
  const view = await waitForEnd(server.open, server.tenants.alpha, started.id)
  return { code, state: view.run.state, failures: view.failures }
}

test('usage shows what is stored and what was done today, the quotas beside it', async () => {
  assert.equal((await run('2021-03')).state, 'done')
  const all = await call('GET', '/v1/datasets/events/export?format=csv')
  assert.equal(all.statusCode, 200)
  const untilMs = performance.now() + 10_000
  for (;;) {
    const { rows, quotas, days } = await usage()
    const [today] = days
    const stored = quotas['storage']
    // Bytes that were sent, and requests, are counted a moment later.
    if (today?.['requests'] && today['export-bytes']) {
      // Reference tables of the pack among them.
      assert.ok(rows > 2)
      assert.ok((stored?.used ?? 0) > 100)
      assert.equal(stored?.most, null)
      assert.deepEqual(quotas['runs'], { used: 1, most: null })
      assert.deepEqual(quotas['exports'], { used: 1, most: null })
      assert.equal(today['export-rows'], 2)
      assert.equal(today['export-bytes'], Buffer.byteLength(all.body))
      assert.ok((today['tasks'] ?? 0) > 1)
      break
    }
    assert.ok(performance.now() < untilMs, JSON.stringify(days))
    await systemClock.sleep(100)
  }
})

test('what each dataset has cost is told by day, the dearest first', async () => {
  const answer = await call('GET', '/v1/usage/costs?days=1')
  assert.equal(answer.statusCode, 200, answer.body)
  interface Cost {
    readonly dataset: string
    readonly tasks: number
    readonly slotSeconds: number
    readonly days: readonly { readonly slotSeconds: number }[]
  }
  const { datasets } = answer.json<{ datasets: Cost[] }>()
  const events = datasets.find(({ dataset }) => dataset === 'events')
  assert.equal(events?.tasks, 1)
  assert.ok((events?.slotSeconds ?? 0) > 0)
  assert.equal(events?.days[0]?.slotSeconds, events?.slotSeconds)
  const seconds = datasets.map(({ slotSeconds }) => slotSeconds)
  assert.deepEqual(
    seconds,
    seconds.toSorted((a, b) => b - a),
  )
})

test('no more runs and exports a day than the quota says; nothing else is stopped', async () => {
  await setQuota('runs', 1)
  const refused = await run('2021-04')
  assert.equal(refused.code, 'quota-exceeded')
  await setQuota('exports', 1)
  const exported = await call('GET', '/v1/datasets/events/export?format=csv')
  assert.equal(exported.statusCode, 403)
  assert.match(
    exported.json<{ detail: string }>().detail,
    /may have 1 exports a day, and has used 1/,
  )
  assert.equal((await call('GET', '/v1/datasets/events/rows')).statusCode, 200)
  await setQuota('runs')
  await setQuota('exports')
  const runs = (await usage()).quotas['runs']
  assert.deepEqual(runs, { used: 1, most: null })
})

test('a run that would store more than the quota says ends with that, and nothing is lost', async () => {
  const used = (await usage()).quotas['storage']?.used ?? 0
  await setQuota('storage', used + 10)
  const failed = await run('2021-04')
  assert.equal(failed.state, 'failed')
  assert.match(JSON.stringify(failed.failures), /bytes of storage/)
  assert.equal((await usage()).quotas['storage']?.used, used)
  await setQuota('storage', used)
  assert.equal((await run('2021-05')).code, 'quota-exceeded')
  assert.equal((await call('GET', '/v1/datasets/events/rows')).statusCode, 200)
  await setQuota('storage')
  assert.equal((await run('2021-04')).state, 'done')
})

test('quotas are set by operators only', async () => {
  const admin = await server.key(server.tenants.alpha, ['read', 'admin'])
  for (const url of ['/v1/usage/quotas/runs', '/v1/rates', '/v1/rates/defaults/key']) {
    assert.equal((await call('POST', url, { perMinute: 1 }, admin)).statusCode, 403, url)
  }
})
