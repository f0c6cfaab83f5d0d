import assert from 'node:assert/strict'
import { test } from 'node:test'

import { showAcknowledgement } from '#operations/acknowledgements/show.ts'
import { appendRows } from '#operations/datasets/append.ts'
import { buildMeters, type Meters } from '../../../test/support/build-meters.ts'

async function send(
  { door }: Meters,
  rows: string | readonly object[],
  more: { readonly format?: 'csv' | 'ndjson' | 'json'; readonly idempotencyKey?: string } = {},
) {
  const text = typeof rows === 'string' ? rows : rows.map((row) => JSON.stringify(row)).join('\n')
  const { format = 'ndjson', ...rest } = more
  const input = { dataset: 'ticks', rows: Buffer.from(text), format, encoding: 'identity', ...rest }
  return door.invoke(appendRows, input)
}

async function settled({ door, millrace }: Meters, acknowledgement: string) {
  for (;;) {
    const found = await door.invoke(showAcknowledgement, { acknowledgement })
    if (found.visible) return found
    await millrace.parts.clock.sleep(20)
  }
}

test('smoke', async (t) => {
  const meters = await buildMeters(t)
  const answer = await send(meters, [
    { at: '2026-11-22T10:00:00Z', meter: 'a', value: 1, price: 1.25, tags: ['x', "y'z"] },
    { at: '2026-11-22T10:00:00Z', meter: 'b', value: 'oops' },
    { at: '2026-11-21', value: 3 },
  ])
  console.log(answer)
  const began = performance.now()
  console.log(await settled(meters, answer.acknowledgement), performance.now() - began)
  assert.ok(answer)
})
