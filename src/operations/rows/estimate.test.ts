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
  world = await openAnswerWorld({ rowsMax: 2000 })
  await world.publish('2021-04', entryLines('2021-04', 5000))
})
after(() => world.close())

interface Estimate {
  readonly rows: number
  readonly sizeBytes: number
  readonly isExact: boolean
  readonly seconds: number
  readonly measuredOn: number
  readonly way: string
  readonly receipt: string
  readonly code?: string
}

async function estimate(query: string, key?: string): Promise<Estimate> {
  return (await world.get(`/v1/rows/estimate?${query}`, key)).json<Estimate>()
}

test('rows are counted, and the size is near that of the file', async () => {
  const told = await estimate('dataset=entries&format=csv')
  assert.equal(told.rows, 5000)
  assert.equal(told.way, 'delivery')
  assert.equal(told.isExact, false)
  const pages: string[] = []
  let cursor = ''
  for (let page = 0; page < 5; page++) {
    const reply = await world.get(`/v1/datasets/entries/rows.csv?limit=1000${cursor}`)
    pages.push(page === 0 ? reply.body : reply.body.slice(reply.body.indexOf('\n') + 1))
    cursor = `&cursor=${encodeURIComponent(String(reply.headers['millrace-next']))}`
  }
  const real = Buffer.byteLength(pages.join(''))
  assert.ok(Math.abs(told.sizeBytes - real) < real / 10, `${told.sizeBytes} of ${real}`)
  assert.ok(told.seconds > 0)
})

test('what one request answers is a download of exactly that size', async () => {
  const query = 'dataset=entries&where.who=eq.who%201&select=who,amount&format=csv'
  const told = await estimate(query)
  const reply = await world.get(
    '/v1/datasets/entries/rows.csv?where.who=eq.who%201&select=who,amount',
  )
  assert.equal(told.way, 'download')
  assert.equal(told.rows, Number(reply.headers['millrace-rows']))
  assert.equal(told.isExact, true)
  assert.equal(told.sizeBytes, reply.bytes.byteLength)
  assert.equal(told.receipt, reply.headers['millrace-receipt'])
})

test('an endpoint with parameters is estimated, and its own limit tells the way', async () => {
  const told = await estimate('endpoint=top&parameters.month=2021-04&parameters.most=3')
  assert.equal(told.rows, 3)
  assert.equal(told.way, 'download')
})

test('who sees less is told of less, and what he does not see is not there', async () => {
  const rows = { entries: [{ column: 'who', op: 'eq', value: 'who 1' }] } as const
  const some = await world.key({ ...fullAccess, rows })
  const all = await estimate('dataset=entries')
  const own = await estimate('dataset=entries', some)
  assert.ok(own.rows > 0 && own.rows < all.rows)
  const none = await world.key({ ...fullAccess, endpoints: ['sums'] })
  assert.equal((await estimate('dataset=entries', none)).code, 'dataset-unknown')
})
