import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'

import { readSets } from '#catalog/files.ts'
import { createKey } from '#catalog/keys.ts'
import { setSourceOptions } from '#catalog/options.ts'
import { mintKey } from '#operations/keys/api-key.ts'
import { openReceipts } from '#serving/receipts.ts'
import { waitForEnd } from '../../../test/support/open-parts.ts'
import { openServer, type TestServer } from '../../../test/support/open-server.ts'

let server: TestServer
let key: string
let foreignKey: string
let limitedKey: string

const HEADER = 'id,timestamp,email,country,ip,uri,action,tags'

async function bringIn(rows: number): Promise<void> {
  const folder = join(server.home, 'in', '2021', '04')
  await mkdir(folder, { recursive: true })
  const lines = Array.from(
    { length: rows },
    (_, at) =>
      `d24173d9-b062-49a7-a856-74c89dcab4${at}0,2021-04-0${at + 1},p${at}@shop.co.uk,AT,192.66.235.59,index,visit,"['a']"`,
  )
  await writeFile(join(folder, 'events.csv'), `${[HEADER, ...lines].join('\n')}\n`)
  const { alpha } = server.tenants
  const request = { datasets: ['events', 'events_by_month'], partitions: ['2021-04'] } as const
  const started = await server.open.factory.start(
    alpha,
    { ...request, mode: 'run' },
    { cause: 'test', title: 'test' },
  )
  const view = await waitForEnd(server.open, alpha, started.run?.id ?? '')
  assert.equal(view.run.state, 'done', JSON.stringify(view.failures))
}

/** A receipt of the month's figures as they are now. */
async function keepReceipt(id: string): Promise<void> {
  const { alpha } = server.tenants
  const { catalog } = server.open
  const [set] = await catalog.asTenant(alpha, (session) =>
    readSets(session, [{ dataset: 'events_by_month', partitions: null }]),
  )
  assert.ok(set)
  await openReceipts({ catalog }).keep(alpha, {
    id,
    question: {
      subject: { kind: 'dataset', dataset: 'events_by_month', partitions: null },
      select: null,
      where: [],
      sort: null,
      seen: null,
    },
    commitNumber: set.commitNumber,
    asOf: new Date(),
    completeness: { expected: 2, published: 1, missing: ['events_by_month 2021-05'] },
    versions: set.partitions.map(({ partition, versionId }) => ({
      dataset: 'events_by_month',
      partition,
      versionId,
    })),
  })
}

before(async () => {
  server = await openServer()
  const { alpha, beta } = server.tenants
  key = await server.key(alpha, ['read'])
  foreignKey = await server.key(beta, ['read'])
  const access = { endpoints: ['top_companies'], columns: {}, rows: {} }
  const minted = mintKey(server.open.ids, server.open.random)
  const { id, hash } = minted
  limitedKey = minted.key
  await server.open.catalog.asTenant(alpha, (session) =>
    createKey(session, { id, name: 'limited', hash, permissions: ['read'], access }),
  )
  const location = join(server.home, 'in', '{yyyy}', '{MM}', 'events.csv')
  await server.open.catalog.asTenant(alpha, (session) =>
    setSourceOptions(session, 'events', { location }),
  )
  await bringIn(2)
  await keepReceipt('rcp_first')
  await bringIn(5)
  await keepReceipt('rcp_second')
})
after(() => server.close())

/** What the answers of these operations hold, each of them some of it. */
interface Body {
  readonly code: string
  readonly title: string
  readonly remedy: string
  readonly text: string
  readonly commit: number
  readonly isCurrent: boolean
  readonly isReadable: boolean
  readonly completeness: { readonly missing: readonly string[] }
  readonly datasets: readonly { readonly replaced: number }[]
  readonly sources: readonly {
    readonly dataset: string
    readonly location: string
    readonly sha256: string
    readonly received: number
    readonly isCurrent: boolean
  }[]
  readonly asked: readonly string[]
  readonly same: number
  readonly changes: readonly { readonly dataset: string; readonly change: string }[]
  readonly causes: readonly {
    readonly kind: string
    readonly dataset: string
    readonly partition: string | null
    readonly text: string
  }[]
  readonly receipts: readonly { readonly receipt: string }[]
  readonly next: string | null
}

async function get(path: string, as = key): Promise<{ status: number; body: Body }> {
  const answer = await server.app.inject({ url: path, headers: { authorization: `Bearer ${as}` } })
  return { status: answer.statusCode, body: JSON.parse(answer.body) as Body }
}

test('a receipt says what was asked, what was read, and whether it is still so', async () => {
  const first = await get('/v1/receipts/rcp_first')
  assert.equal(first.status, 200, JSON.stringify(first.body))
  assert.equal(first.body.text, 'events_by_month')
  assert.equal(first.body.isCurrent, false)
  assert.equal(first.body.isReadable, true)
  assert.deepEqual(first.body.completeness.missing, ['events_by_month 2021-05'])
  assert.equal(first.body.datasets[0]?.replaced, 1)
  const second = await get('/v1/receipts/rcp_second')
  assert.equal(second.body.isCurrent, true)
  assert.ok(second.body.commit > first.body.commit)
})

test('it leads back to the object that its rows came from, as that was then', async () => {
  const [first, second] = await Promise.all(
    ['first', 'second'].map((name) => get(`/v1/receipts/rcp_${name}/sources`)),
  )
  const of = (answer: typeof first) => {
    const source = answer?.body.sources.find(({ dataset }) => dataset === 'events')
    assert.ok(source)
    return source
  }
  assert.match(of(first).location, /2021\/04\/events\.csv$/)
  assert.deepEqual([of(first).received, of(second).received], [2, 5])
  assert.notEqual(of(first).sha256, of(second).sha256)
  assert.deepEqual([of(first).isCurrent, of(second).isCurrent], [false, true])
})

test('two receipts tell why a number changed', async () => {
  const { body } = await get('/v1/receipts/rcp_first/compare/rcp_second')
  assert.deepEqual(body.asked, [])
  assert.deepEqual(
    body.changes.map(({ dataset, change }) => [dataset, change]),
    [['events_by_month', 'changed']],
  )
  assert.deepEqual(
    body.causes.map(({ kind, dataset, partition, text }) => [kind, dataset, partition, text]),
    [['rows-arrived', 'events', '2021-04', 'its object has 3 rows more']],
  )
  const same = await get('/v1/receipts/rcp_second/compare/rcp_second')
  assert.deepEqual([same.body.changes, same.body.causes, same.body.same], [[], [], 1])
})

test('receipts are listed newest first, page by page', async () => {
  const page = await get('/v1/receipts?limit=1')
  assert.deepEqual(
    page.body.receipts.map(({ receipt }) => receipt),
    ['rcp_second'],
  )
  const next = await get(`/v1/receipts?limit=1&before=${page.body.next}`)
  assert.deepEqual(
    next.body.receipts.map(({ receipt }) => receipt),
    ['rcp_first'],
  )
  assert.equal(next.body.next, null)
})

test('foreign receipts, and those of what a key does not see, are as unknown as any', async () => {
  const unknown = await get('/v1/receipts/rcp_nosuch')
  assert.equal(unknown.status, 404)
  for (const as of [foreignKey, limitedKey]) {
    const { status, body } = await get('/v1/receipts/rcp_first', as)
    assert.equal(status, 404)
    const same = ({ code, title, remedy }: Body) => [code, title, remedy]
    assert.deepEqual(same(body), same(unknown.body))
  }
})

test('as of the commit of a receipt, and of its time, is read what was read then', async () => {
  const rowsOf = async (more: string) => {
    const url = `/v1/datasets/events_by_month/rows?partition=2021-04${more}`
    const { body } = await server.app.inject({ url, headers: { authorization: `Bearer ${key}` } })
    return (JSON.parse(body) as { events: number }[])[0]?.events
  }
  const first = (await get('/v1/receipts/rcp_first')).body
  assert.deepEqual(
    [await rowsOf(''), await rowsOf(`&as_of=${first.commit}`), await rowsOf('&asOf=1')],
    [5, 2, undefined],
  )
})
