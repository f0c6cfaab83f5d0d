import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'

import type { Access } from '#model/access.ts'
import { fullAccess } from '#model/access.ts'
import type { Question } from '#serving/question.ts'
import {
  entryLines,
  openAnswerWorld,
  type AnswerWorld,
} from '../../../test/support/answer-world.ts'

let world: AnswerWorld

before(async () => {
  world = await openAnswerWorld()
  await world.publish('2021-03', entryLines('2021-03', 60))
  await world.publish('2021-04', entryLines('2021-04', 90))
})
after(() => world.close())

interface Envelope {
  readonly rows: readonly Record<string, unknown>[]
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly receipt: string
  readonly commit: number
  readonly completeness: { readonly expected: number; readonly published: number }
  readonly next: string | null
}

const top = '/v1/endpoints/top/rows'

test('an endpoint answers the newest period, with its receipt and how complete it is', async () => {
  const reply = await world.get(top)
  assert.equal(reply.status, 200, reply.body)
  const { rows, columns, receipt, completeness, next } = reply.json<Envelope>()
  assert.deepEqual(Object.keys(rows[0] ?? {}), ['who', 'amount', 'entries'])
  assert.equal(
    columns.map(({ name, type }) => `${name} ${type}`).join(),
    'who VARCHAR,amount DECIMAL(38,2),entries BIGINT',
  )
  assert.match(receipt, /^rcp_[0-9a-z]{26}$/)
  assert.deepEqual(completeness, { expected: 1, published: 1, missing: [] })
  assert.equal(next, null)
  const named = (await world.get(`${top}?month=2021-04`)).json<Envelope>()
  assert.equal(named.receipt, receipt)
  assert.notEqual((await world.get(`${top}?month=2021-03`)).json<Envelope>().receipt, receipt)
  const csv = await world.get(`/v1/endpoints/top/rows.csv?month=2021-04&select=who&most=2`)
  assert.match(csv.body, /^who\nwho \d\nwho \d\n$/)
  assert.match(String(csv.headers['millrace-receipt']), /^rcp_/)
})

test('parameters are judged by their types, and nothing of them reaches the statement as text', async () => {
  for (const [query, code, says] of [
    ['most=0', 'parameter-invalid', /most.*below 1/],
    ['most=1;drop', 'parameter-invalid', /no whole number/],
    ['month=April', 'parameter-invalid', /no period/],
    ['mont=2021-04', 'parameter-unknown', /no parameter "mont"/],
    ['month=2031-01', 'rows-unpublished', /sums has nothing published for 2031-01/],
    ['where.amonut=gt.1', 'column-unknown', /no column "amonut"/],
    ['where.amount=gt.many', 'condition-invalid', /decimal number, which "many" is not/],
    ['where.amount=above.1', 'condition-invalid', /operator/],
    ['select=who,what', 'column-unknown', /"what"/],
    ['sort=-x', 'column-unknown', /"x"/],
    ['cursor=abc', 'cursor-invalid', /cursor/],
    ['limit=1001', 'input-invalid', /limit/],
    ['as_of=yesterday', 'as-of-invalid', /yesterday/],
  ] as const) {
    const reply = await world.get(`${top}?${query}`)
    const { code: got, detail } = reply.json<{ code: string; detail: string }>()
    assert.equal(got, code, query)
    assert.match(detail, says)
  }
  const hostile = await world.get(
    `/v1/endpoints/lines/rows?who=${encodeURIComponent("x' OR '1'='1")}`,
  )
  assert.deepEqual(hostile.json<Envelope>().rows, [])
})

test('numbers beyond 2^53 and decimals keep their digits', async () => {
  const { body } = await world.get('/v1/endpoints/lines/rows?where.n=gt.9007199254740992&limit=1')
  assert.match(body, /"n":9007199254740993,/)
  const { body: sums } = await world.get(`${top}?most=1`)
  assert.match(sums, /"amount":\d+\.\d\d[,}]/)
})

test('whoever sees a part of what an endpoint reads gets that part of its answer', async () => {
  const only: Access = {
    ...fullAccess,
    rows: { sums: [{ column: 'who', op: 'eq', value: 'who 1' }] },
  }
  const part = (await world.get(top, await world.key(only))).json<Envelope>()
  assert.deepEqual(
    part.rows.map(({ who }) => who),
    ['who 1'],
  )
  const whole = (await world.get(top)).json<Envelope>()
  assert.notEqual(part.receipt, whole.receipt)

  const own: Access = {
    ...fullAccess,
    columns: { top: ['who'] },
    rows: { top: [{ column: 'entries', op: 'gt', value: '1000' }] },
  }
  const none = (await world.get(top, await world.key(own))).json<Envelope>()
  assert.deepEqual([none.rows, none.columns.map(({ name }) => name)], [[], ['who']])
  const asked = await world.get(`${top}?where.amount=gt.0`, await world.key(own))
  assert.equal(asked.json<{ code: string }>().code, 'column-unknown')
  assert.ok(!asked.body.includes('entries'))

  const hidden: Access = { ...fullAccess, columns: { sums: ['who'] } }
  const refused = await world.get(top, await world.key(hidden))
  assert.equal(refused.json<{ code: string }>().code, 'answer-column-hidden', refused.body)
  assert.match(refused.body, /endpoint top needs the column \\"amount\\"/)

  const other: Access = { ...fullAccess, endpoints: ['lines'] }
  const unseen = await world.get(top, await world.key(other))
  const unknown = await world.get('/v1/endpoints/nope/rows', await world.key(other))
  assert.deepEqual([unseen.status, unknown.status], [404, 404])
})

test('pages follow each other over the state of the first, whatever is published between', async () => {
  const first = (await world.get('/v1/endpoints/lines/rows?limit=40&sort=-n,who')).json<Envelope>()
  const whole = (await world.get('/v1/endpoints/lines/rows?sort=-n,who')).json<Envelope>()
  assert.equal(whole.receipt, first.receipt)
  await world.publish('2021-05', entryLines('2021-05', 7))
  const rows = [...first.rows]
  let { next } = first
  while (next !== null) {
    const page = await world.get(`/v1/endpoints/lines/rows?limit=40&sort=-n,who&cursor=${next}`)
    assert.equal(page.status, 200, page.body)
    const envelope = page.json<Envelope>()
    assert.equal(envelope.receipt, first.receipt)
    rows.push(...envelope.rows)
    next = envelope.next
  }
  assert.deepEqual(rows, whole.rows)
  const fresh = (await world.get('/v1/endpoints/lines/rows?sort=-n,who')).json<Envelope>()
  assert.equal(fresh.rows.length, whole.rows.length + 7)
  const then = (
    await world.get(`/v1/endpoints/lines/rows?sort=-n,who&as_of=${whole.commit}`)
  ).json<Envelope>()
  assert.equal(then.receipt, whole.receipt)
})

test('a tag is enough the second time, until something new is published', async () => {
  const first = await world.get(top)
  const tag = String(first.headers['etag'])
  assert.equal((await world.get(top, undefined, { 'if-none-match': tag })).status, 304)
  await world.publish('2021-06', entryLines('2021-06', 5))
  const second = await world.get(top, undefined, { 'if-none-match': tag })
  assert.equal(second.status, 200)
  assert.notEqual(second.headers['etag'], tag)
})

test('the same question has the same receipt, whatever door, form, page or spelling it comes by', async () => {
  const query = 'month=2021-04&most=7&where.entries=ge.1&where.who=starts.who'
  const respelled = 'where.who=starts.who&where.entries=ge.1&most=007&month=2021-04'
  const receipts = new Set<unknown>()
  for (const address of [
    `${top}?${query}`,
    `${top}?${respelled}`,
    `${top}.csv?${query}&cells=spreadsheet`,
    `${top}.ndjson?${query}&limit=2`,
    `${top}.parquet?${query}`,
  ]) {
    const reply = await world.get(address)
    assert.equal(reply.status, 200, reply.body)
    receipts.add(reply.headers['millrace-receipt'])
  }
  const { parts } = world.server
  const asker = { tenant: world.tenant, access: fullAccess }
  const version = await parts.endpoints.find(world.tenant, 'top', null)
  const question: Question = {
    subject: { kind: 'endpoint', version, parameters: { month: '2021-04', most: '7' } },
    select: null,
    where: [
      { column: 'entries', op: 'ge', value: '1' },
      { column: 'who', op: 'starts', value: 'who' },
    ],
    sort: null,
    asOf: null,
  }
  const answer = await parts.answers.ask(asker, question)
  receipts.add(answer.receipt.id)
  const folder = await mkdtemp(join(tmpdir(), 'millrace-answer-'))
  try {
    const format = { format: 'csv', cells: 'raw' } as const
    const files = ['one', 'two'].map((name) => join(folder, name))
    const hashes = new Set<string>()
    for (const path of files) hashes.add((await answer.write({ ...format, path })).sha256)
    assert.equal(hashes.size, 1)
    const whole = await answer.whole('csv', 'raw')
    assert.equal(await readFile(files[0] ?? '', 'utf8'), Buffer.from(whole.bytes ?? []).toString())
    const again = await parts.answers.ofReceipt(asker, question, answer.receipt)
    receipts.add(again.receipt.id)
  } finally {
    await rm(folder, { recursive: true })
  }
  assert.equal(receipts.size, 1)
})

test('as many rows as a request may answer are answered, one more is delivered or refused', async () => {
  const { rows } = (await world.get('/v1/endpoints/lines/rows')).json<Envelope>()
  assert.ok(rows.length > 10)
  const small = await openAnswerWorld({ rowsMax: 10 })
  try {
    await small.publish('2021-04', entryLines('2021-04', 11))
    const exact = await small.get('/v1/endpoints/lines/rows?where.at=lt.2021-04-11')
    assert.equal(exact.json<Envelope>().rows.length, 10)
    const more = await small.get('/v1/endpoints/lines/rows')
    assert.equal(more.status, 202, more.body)
    assert.match(String(more.headers['location']), /^\/v1\/deliveries\/dlv_/)
    const page = await small.get('/v1/endpoints/lines/rows?limit=1000')
    assert.equal(page.json<Envelope>().rows.length, 11)
    const reader = await small.key(fullAccess, ['read'])
    const refused = await small.get('/v1/endpoints/lines/rows', reader)
    assert.equal(refused.json<{ code: string }>().code, 'rows-too-many')
  } finally {
    await small.close()
  }
})
