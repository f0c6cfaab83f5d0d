import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { fullAccess } from '#model/access.ts'
import {
  entryLines,
  openAnswerWorld,
  type AnswerWorld,
} from '../../../test/support/answer-world.ts'

let world: AnswerWorld
before(async () => {
  world = await openAnswerWorld()
  await world.publish('2021-04', entryLines('2021-04', 30))
})
after(() => world.close())

interface Shown {
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly receipt: string
  readonly completeness: { readonly expected: number; readonly published: number }
  readonly next: string | null
  readonly code?: string
}

const page = async (query: string, key?: string) => {
  const reply = await world.get(`/v1/rows?${query}`, key)
  return { reply, body: reply.json<Shown>() }
}

test('a dataset and an endpoint come in one form, with the receipt of every other door', async () => {
  const dataset = await page('dataset=entries&limit=20&where.n=ge.0')
  assert.equal(dataset.reply.status, 200, dataset.reply.body)
  assert.deepEqual(dataset.body.columns.map(({ name, type }) => `${name} ${type}`).slice(0, 3), [
    'n BIGINT',
    'who VARCHAR',
    'amount DECIMAL(18,2)',
  ])
  const other = await world.get('/v1/datasets/entries/rows?limit=5&where.n=ge.0')
  assert.equal(dataset.body.receipt, other.headers['millrace-receipt'])
  const endpoint = await page('endpoint=top&parameters.month=2021-04&parameters.most=2')
  assert.equal(endpoint.body.rows.length, 2)
  assert.equal(endpoint.body.completeness.published, 1)
})

test('pages follow each other, and the whole of a dataset is known without counting', async () => {
  const first = await page('dataset=entries&limit=20')
  assert.equal(first.reply.headers['millrace-total-rows'], '30')
  const next = encodeURIComponent(String(first.body.next))
  const second = await page(`dataset=entries&limit=20&cursor=${next}`)
  assert.equal(first.body.rows.length + second.body.rows.length, 30)
  assert.equal(second.body.next, null)
  assert.equal(second.body.receipt, first.body.receipt)
})

test('what somebody may not see is neither there nor named', async () => {
  const blind = await world.key({ ...fullAccess, columns: { entries: ['who'] } })
  const { body } = await page('dataset=entries&limit=5', blind)
  assert.deepEqual(
    body.columns.map(({ name }) => name),
    ['who'],
  )
  const none = await world.key({ ...fullAccess, endpoints: ['sums'] })
  assert.equal((await page('endpoint=top', none)).body.code, 'endpoint-unknown')
  assert.equal((await page('dataset=entries', none)).body.code, 'dataset-unknown')
})
