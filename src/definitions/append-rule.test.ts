import assert from 'node:assert/strict'
import { test } from 'node:test'

import { buildPack, datasetOf } from '../../test/support/build-pack.ts'

const source = (words: string) => `import { defineSource } from 'millrace'
export default defineSource({
  description: 'Orders as they are sent.',
  partition: 'day',
  columns: {
    at: { type: 'timestamp', optional: false },
    day: { type: 'date', optional: false },
    late: { type: 'timestamp' },
    id: { type: 'text' },
  },
  ${words}
})
`

test('a source that rows are sent to says by which column, and how often analyses are told', async (t) => {
  const pack = await buildPack(t, { 'sources/orders.ts': source("append: { by: 'at' }") })
  const read = async () => {
    const orders = datasetOf(await pack.read(), 'orders')
    assert.ok(orders.kind === 'source')
    return orders
  }
  const first = await read()
  assert.deepEqual(first.append, { by: 'at', settleMs: 60_000 })
  await pack.write('sources/orders.ts', source("append: { by: 'at', settle: '5m' }"))
  const slower = await read()
  assert.deepEqual(slower.append, { by: 'at', settleMs: 300_000 })
  assert.equal(slower.codeVersion, first.codeVersion)
  await pack.write('sources/orders.ts', source('append: {}'))
  const byArrival = await read()
  assert.deepEqual(byArrival.append, { by: null, settleMs: 60_000 })
  assert.notEqual(byArrival.codeVersion, first.codeVersion)
})

test('what cannot be held for rows that come later is refused, with the way out', async (t) => {
  const refusals: Readonly<Record<string, RegExp>> = {
    "append: { by: 'late' }": /append\.by: "late" is no column that gives each row a time/,
    "append: { by: 'id' }": /append\.by: "id"/,
    "append: { by: 'nothing' }": /append\.by: "nothing"/,
    "append: { settle: '10ms' }": /append\.settle: "10ms"/,
    "append: {}, location: 's3://bucket/{yyyy}'": /append and location do not go together/,
    "append: {}, partition: 'month, key exam'": /cuts an append source by a key/,
    "append: { by: 'day' }, partition: 'hour'": /append\.by: "day"/,
    "append: {}, checks: ['some: blocking all count(*) > 0']": /check some: what was acknowledged/,
    'append: { often: true }': /append/,
  }
  const pack = await buildPack(t, {})
  for (const [words, message] of Object.entries(refusals)) {
    await pack.write('sources/orders.ts', source(words))
    await assert.rejects(pack.read(), message, words)
  }
})
