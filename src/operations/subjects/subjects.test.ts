import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'

import { setSourceOptions } from '#catalog/options.ts'
import type { Tenant } from '#model/tenant.ts'
import { waitForEnd } from '../../../test/support/open-parts.ts'
import { openServer, type TestServer } from '../../../test/support/open-server.ts'
import {
  csvField,
  HEADER,
  scratchFolder,
  writeSubjectPack,
} from '../../../test/support/subject-world.ts'

const naughty = [
  "'; DROP TABLE file; --",
  'a"b',
  '%',
  '../../etc/passwd',
  '<script>alert(1)</script>',
  '${7*7}{{7*7}}',
  '__proto__',
  'ΩΩ≈ç√∫˜µ≤≥÷',
  '👩‍👩‍👧 ‮ txet',
  'x'.repeat(10_000),
]

let server: TestServer
let folder: string
let alpha: Tenant
const keys: Record<string, string> = {}

before(async () => {
  folder = await scratchFolder()
  const pack = join(folder, 'pack')
  await writeSubjectPack(pack)
  server = await openServer({}, { packs: [pack] })
  alpha = server.tenants.alpha
  const rows = naughty.map((who, n) => `n${n},2021-03-0${1 + (n % 9)},${csvField(who)},${n},${n}`)
  const people = Array.from(
    { length: 30 },
    (_, n) => `p${n},2021-03-15,user-${String(n).padStart(2, '0')},5,1`,
  )
  await write(folder, '2021-03', [...rows, ...people])
  for (const tenant of [alpha, server.tenants.beta]) {
    await server.parts.catalog.asTenant(tenant, (session) =>
      setSourceOptions(session, 'visits', { location: `${folder}/{yyyy}-{MM}.csv` }),
    )
  }
  await run(alpha)
  for (const permission of ['read', 'export', 'write', 'admin'] as const) {
    keys[permission] = await server.key(alpha, [permission])
  }
  keys['beta'] = await server.key(server.tenants.beta, ['read', 'export', 'write', 'admin'])

  function write(into: string, month: string, lines: readonly string[]): Promise<void> {
    return writeFile(join(into, `${month}.csv`), [HEADER, ...lines, ''].join('\n'))
  }
})

after(async () => {
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

async function run(tenant: Tenant, mode: 'run' | 'rerun' = 'run'): Promise<void> {
  const request = { datasets: ['visits'], partitions: ['2021-03'], mode }
  const why = { cause: 'test', title: 'test' }
  const { run: started } = await server.open.factory.start(tenant, request, why)
  if (started) await waitForEnd(server.open, tenant, started.id)
}

async function call(key: string, method: 'GET' | 'POST', url: string, payload?: object) {
  const answer = await server.app.inject({
    method,
    url,
    headers: { authorization: `Bearer ${keys[key]}` },
    ...(payload && { payload }),
  })
  return { status: answer.statusCode, text: answer.body, body: () => answer.json<Answer>() }
}

interface Answer {
  readonly subjects: { value: string; rows: number; lastSeen: string; collection: string }[]
  readonly next: string | null
  readonly kinds: { kind: string }[]
  readonly places: { dataset: string; partition: string; rows: number }[]
  readonly collection: string
  readonly id: string
  readonly state: string
  readonly code: string
}

test('subjects are listed by kind, paged, and found by how they begin', async () => {
  const kinds = (await call('read', 'GET', '/v1/subjects')).body().kinds
  assert.deepEqual(
    kinds.filter(({ kind }) => kind === 'person' || kind === 'device').map(({ kind }) => kind),
    ['device', 'person'],
  )
  const found: string[] = []
  for (let next: string | null = ''; next !== null;) {
    const query: string = next === '' ? '' : `&after=${next}`
    const page: Answer = (await call('read', 'GET', `/v1/subjects/person?limit=7${query}`)).body()
    found.push(...page.subjects.map(({ value }) => value))
    next = page.next
  }
  assert.deepEqual(
    found.toSorted(),
    [
      ...naughty,
      ...Array.from({ length: 30 }, (_, n) => `user-${String(n).padStart(2, '0')}`),
    ].toSorted(),
  )
  const some = (await call('read', 'GET', '/v1/subjects/person?prefix=user-1')).body().subjects
  assert.equal(some.length, 10)
  assert.deepEqual(
    [some[0]?.value, some[0]?.rows, some[0]?.lastSeen, some[0]?.collection],
    ['user-10', 1, '2021-03-15T00:00:00.000Z', 'on'],
  )
  const devices = (await call('read', 'GET', '/v1/subjects/device?prefix=5')).body().subjects
  assert.deepEqual(
    devices.map(({ value, rows }) => [value, rows]),
    [['5', 31]],
  )
  const unknown = await call('read', 'GET', '/v1/subjects/ghost')
  assert.deepEqual([unknown.status, unknown.body().code], [404, 'subject-kind-unknown'])
})

test('all that is published about one subject is shown and exported, whatever it is called', async () => {
  for (const [n, value] of naughty.entries()) {
    const shown = (await call('read', 'POST', '/v1/subjects/person/show', { value })).body()
    assert.deepEqual(
      shown.places.map(({ dataset, rows }) => [dataset, rows]),
      [
        ['visits', 1],
        ['people_by_day', 1],
      ],
      value.slice(0, 50),
    )
    const { text } = await call('export', 'POST', '/v1/subjects/person/export', { value })
    const [line, ...more] = text
      .trimEnd()
      .split('\n')
      .map((each) => JSON.parse(each) as { dataset: string; row: { id: string; who: string } })
    assert.deepEqual(
      more.map(({ dataset }) => dataset),
      ['people_by_day'],
    )
    assert.deepEqual([line?.row.id, line?.row.who], [`n${n}`, value])
  }
  for (const value of ['nobody', 'a\0b', '%%', 'user-1']) {
    const none = await call('read', 'POST', '/v1/subjects/person/show', { value })
    assert.deepEqual([none.status, none.body().code], [404, 'subject-unknown'])
    assert.equal(
      (await call('export', 'POST', '/v1/subjects/person/export', { value })).status,
      404,
    )
  }
})

test('each step asks for its permission, and another tenant is told nothing', async () => {
  const value = 'user-03'
  assert.equal((await call('read', 'POST', '/v1/subjects/person/export', { value })).status, 403)
  assert.equal((await call('read', 'POST', '/v1/subjects/person/withhold', { value })).status, 403)
  assert.equal((await call('write', 'POST', '/v1/subjects/person/erase', { value })).status, 403)
  const foreign = await call('beta', 'POST', '/v1/subjects/person/show', { value })
  const nobody = await call('beta', 'POST', '/v1/subjects/person/show', { value: 'nobody' })
  assert.equal(foreign.status, 404)
  const plain = (text: string) => text.replaceAll(/"(request|instance)[^,}]*/g, '')
  assert.equal(plain(foreign.text), plain(nobody.text))
  assert.deepEqual((await call('beta', 'GET', '/v1/subjects/person')).body().subjects, [])
})

test('a collection that is off withholds what is read from then on, and on again brings it', async () => {
  const value = 'user-07'
  const rowsNow = async () => {
    const shown = await call('read', 'POST', '/v1/subjects/person/show', { value })
    const { places } = shown.body()
    return shown.status === 200 ? places.filter(({ dataset }) => dataset === 'visits').length : 0
  }
  assert.equal(await rowsNow(), 1)
  await call('write', 'POST', '/v1/subjects/person/withhold', { value })
  assert.equal(await rowsNow(), 1, 'what was read stays')
  await run(alpha, 'rerun')
  assert.equal(await rowsNow(), 0)
  const off = (await call('read', 'GET', '/v1/subjects/person?collection=off')).body().subjects
  assert.deepEqual(
    off.map((each) => [each.value, each.rows, each.collection]),
    [[value, 0, 'off']],
  )
  const held = await call('read', 'GET', '/v1/datasets/visits/quarantine')
  assert.match(held.text, /"withheld":1/)
  await call('write', 'POST', '/v1/subjects/person/collect', { value })
  await run(alpha, 'rerun')
  assert.equal(await rowsNow(), 1)
})

test('an erasure is asked for once, shown with its proof, and its subject is named nowhere', async () => {
  for (const value of [naughty[0] as string, naughty[9] as string, 'nul\0 was never there']) {
    const asked = (await call('admin', 'POST', '/v1/subjects/person/erase', { value })).body()
    let shown = asked
    while (shown.state !== 'done') {
      shown = (await call('admin', 'GET', `/v1/erasures/${asked.id}`)).body()
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    const after = (await call('read', 'POST', '/v1/subjects/person/show', { value })).body()
    assert.deepEqual([after.collection, after.places.length], ['erased', 0])
    const back = await call('write', 'POST', '/v1/subjects/person/collect', { value })
    assert.deepEqual([back.status, back.body().code], [409, 'subject-erased'])
    assert.equal((await call('beta', 'GET', `/v1/erasures/${asked.id}`)).status, 404)
  }
  const audit = await server.parts.catalog.asTenant(alpha, (session) =>
    session.query<{ action: string; detail: string }>(
      'SELECT action, detail::text AS detail FROM audit WHERE tenant_id = $1',
      [alpha.id],
    ),
  )
  const actions = new Set(audit.map(({ action }) => action))
  for (const verb of ['show', 'export', 'withhold', 'collect', 'erase']) {
    assert.ok(actions.has(`subjects.${verb}`), `${verb} stands in the audit log`)
  }
  assert.ok(audit.every(({ detail }) => !detail.includes('user-') && !detail.includes('DROP')))
})
