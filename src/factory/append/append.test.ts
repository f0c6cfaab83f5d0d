import assert from 'node:assert/strict'
import { after, before, describe, test, type TestContext } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'

import { listRunsOperation } from '#operations/runs/list.ts'
import { buildMeters, type Meters } from '../../../test/support/build-meters.ts'

const rows = [
  { at: '2026-11-22T10:00:00Z', meter: 'a', value: 1, price: 1.25, tags: ['x', "y'z"] },
  { at: '2026-11-22 23:30:00-02:00', meter: 'b "c", d', value: 9007199254740993n, price: null },
  { at: '2026-11-21', meter: '', value: -3, tags: [] },
]
const json = (value: unknown) =>
  JSON.stringify(value, (_key, one: unknown) =>
    typeof one === 'bigint' ? `~${one}~` : one,
  ).replace(/"~(-?\d+)~"/g, '$1')
const csv = [
  'value,at,meter,price,tags',
  `1,2026-11-22T10:00:00Z,a,1.2500,"['x', ""y'z""]"`,
  '9007199254740993,2026-11-22 23:30:00-02:00,"b ""c"", d",,',
  '-3,2026-11-21,,,[]',
  '',
].join('\r\n')

describe('rows that are sent', () => {
  let meters: Meters
  const ends: (() => Promise<void>)[] = []
  before(async () => {
    const context = { after: (end: () => Promise<void>) => void ends.push(end) }
    meters = await buildMeters(context as unknown as TestContext)
  })
  after(async () => {
    for (const end of ends.toReversed()) await end()
  })

  test('lie in the partitions of their time, typed and with what is derived, each once', async () => {
    const acme = await meters.tenant('plain')
    const { acknowledgement, received } = await acme.send(rows.map(json).join('\n'))
    assert.equal(received, 3)
    const { accepted, quarantined } = await acme.settled(acknowledgement)
    assert.deepEqual([accepted, quarantined], [3, 0])
    assert.deepEqual(await acme.rows('SELECT * FROM published ORDER BY "at"'), [
      {
        _partition: '2026-11-21',
        at: '2026-11-21 00:00:00',
        meter: '',
        value: '-3',
        price: null,
        tags: [],
        twice: '-6',
      },
      {
        _partition: '2026-11-22',
        at: '2026-11-22 10:00:00',
        meter: 'a',
        value: '1',
        price: '1.2500',
        tags: ['x', "y'z"],
        twice: '2',
      },
      {
        _partition: '2026-11-23',
        at: '2026-11-23 01:30:00',
        meter: 'b "c", d',
        value: '9007199254740993',
        price: null,
        tags: null,
        twice: '18014398509481986',
      },
    ])
  })

  test('give the same data versions in every format, coding, order and number of requests', async () => {
    const lines = rows.map(json)
    const ways: Record<string, (send: Sender) => Promise<{ acknowledgement: string }[]>> = {
      ndjson: async (send) => [await send(lines.join('\n'))],
      json: async (send) => [
        await send(`[${lines.join(' ,\n')}]`, { format: 'json', encoding: 'identity' }),
      ],
      csv: async (send) => [await send(csv, { format: 'csv' })],
      gzip: async (send) => [await send(gzipSync(lines.join('\r\n')), { encoding: 'gzip' })],
      zstd: async (send) => [
        await send(zstdCompressSync(csv), { format: 'csv', encoding: 'zstd' }),
      ],
      single: async (send) => {
        const acknowledgements = []
        for (const line of lines.toReversed())
          acknowledgements.push(await send(line, { format: 'json' }))
        return acknowledgements
      },
    }
    const found: Record<string, unknown> = {}
    for (const [way, sending] of Object.entries(ways)) {
      const own = await meters.tenant(`way-${way}`)
      for (const { acknowledgement } of await sending(own.send)) {
        assert.equal((await own.settled(acknowledgement)).quarantined, 0, way)
      }
      found[way] = await own.versions()
    }
    const { ndjson, ...others } = found
    assert.equal(Object.keys(ndjson as object).length, 3)
    for (const [way, versions] of Object.entries(others)) assert.deepEqual(versions, ndjson, way)
  })

  test('that cannot be read are held back with the acknowledgement, the line, the column and the reason', async () => {
    const own = await meters.tenant('bad')
    const good = '{"at":"2026-11-22","value":1}'
    const { acknowledgement, received } = await own.send(
      [
        good,
        '{"at":"2026-11-22","value":"x"}',
        '',
        '{"at":"2026-11-22"}',
        '{"at":"2026-11-22","value":1',
        '{"at":"2026-11-22","value":1,"value":2}',
        '{"at":"2026-11-22","value":1,"__proto__":2}',
        '{"at":"2026-11-22","value":1,"colour":"red"}',
        '{"at":"2026-11-22","value":1,"meter":"\\ud800"}',
        '{"at":"2026-11-22","value":1,"meter":"a\\u0000"}',
        '{"at":"2026-11-22","value":1,"meter":{"a":1}}',
        `{"at":"2026-11-22","value":1,"meter":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
        '{"at":"2026-02-30","value":1}',
        '{"at":"2026-11-22","value":1,"price":0.00001}',
        '[1]',
        'NaN',
      ].join('\n'),
    )
    const { accepted, quarantined } = await own.settled(acknowledgement)
    assert.deepEqual([received, accepted, quarantined], [15, 1, 14])
    const held = await own.held()
    assert.ok(held.every(({ file }) => file === acknowledgement))
    assert.deepEqual(
      held.map(({ line, column, reason }) => [Number(line), column, reason]),
      [
        [2, 'value', 'value-unreadable'],
        [4, 'value', 'value-missing'],
        [5, null, 'json-unreadable'],
        [6, null, 'json-unreadable'],
        [7, null, 'json-unreadable'],
        [8, 'colour', 'column-unknown'],
        [9, 'meter', 'encoding'],
        [10, 'meter', 'encoding'],
        [11, 'meter', 'meter-unreadable'],
        [12, null, 'json-unreadable'],
        [13, 'at', 'at-unreadable'],
        [14, 'price', 'price-unreadable'],
        [15, null, 'json-unreadable'],
        [16, null, 'json-unreadable'],
      ],
    )
  })

  test('of a body that is none of its format are refused as a whole, and nothing is kept', async () => {
    const own = await meters.tenant('refused')
    const refusals: [string | Uint8Array, Parameters<Sender>[1], string][] = [
      ['[{"at":1},]', { format: 'json' }, 'append-unreadable'],
      ['[1] [2]', { format: 'json' }, 'append-unreadable'],
      ['7', { format: 'json' }, 'append-unreadable'],
      [' \n ', {}, 'append-unreadable'],
      ['at,value,colour\n2026-11-22,1,red\n', { format: 'csv' }, 'append-header'],
      ['at\n2026-11-22\n', { format: 'csv' }, 'append-header'],
      [gzipSync('{}').subarray(0, 12), { encoding: 'gzip' }, 'append-coding'],
      [gzipSync(Buffer.alloc(65_000_000)), { encoding: 'gzip' }, 'append-too-large'],
      ['{}', { encoding: 'br' }, 'append-coding-unknown'],
      ['{}', { dataset: 'meter_days' }, 'append-not-taken'],
      ['{}\n'.repeat(100_001), {}, 'append-rows-too-many'],
    ]
    for (const [body, options, code] of refusals) {
      await assert.rejects(own.send(body, options), { code })
    }
    assert.deepEqual(await own.partitions(), [])
  })

  test('with an idempotency key are one request, also at the same moment and after they were written', async () => {
    const own = await meters.tenant('twins')
    const line = '{"at":"2026-11-22","value":1}'
    const twins = await Promise.all(
      Array.from({ length: 6 }, () => own.send(line, { idempotencyKey: 'k1' })),
    )
    assert.equal(new Set(twins.map(({ acknowledgement }) => acknowledgement)).size, 1)
    assert.equal(twins.filter(({ existed }) => !existed).length, 1)
    const [first] = twins
    await own.settled(first?.acknowledgement ?? '')
    const again = await own.send(line, { idempotencyKey: 'k1' })
    assert.deepEqual([again.acknowledgement, again.existed], [first?.acknowledgement, true])
    await assert.rejects(own.send(`${line} `, { idempotencyKey: 'k1' }), {
      code: 'append-key-reused',
    })
    await own.settled((await own.send(line, { idempotencyKey: 'k2' })).acknowledgement)
    assert.equal((await own.rows()).length, 2)
  })

  test('reach analyses once they have settled, at most once in that time', async () => {
    const own = await meters.tenant('settling')
    const door = await own.door()
    const send = (value: number) => own.send([{ at: '2026-11-22T10:00:00', meter: 'a', value }])
    for (let value = 1; value <= 5; value++) await send(value)
    const last = await send(100)
    await own.settled(last.acknowledgement)
    const total = async () => {
      const [row] = await own.rows('SELECT total FROM published', 'meter_days')
      return Number(row?.['total'] ?? 0)
    }
    while ((await total()) < 115) await meters.millrace.parts.clock.sleep(50)
    assert.equal(await total(), 115)
    const { runs } = await door.invoke(listRunsOperation, {})
    assert.ok(runs.length <= 2, `${runs.length} runs for 6 requests`)
    assert.ok(runs.every(({ cause }) => cause === 'append'))
  })

  test('by the time of their arrival record which days they speak of', async () => {
    const own = await meters.tenant('arrivals')
    const body = 'at,note\n2026-01-05,x\n2026-01-05,y\n2026-03-01,z\n'
    const { acknowledgement } = await own.send(body, { dataset: 'arrivals', format: 'csv' })
    const { receivedAt } = await own.settled(acknowledgement)
    const [partition] = await own.partitions('arrivals')
    assert.equal(partition?.partition, receivedAt.slice(0, 4))
    const observed = await meters.millrace.parts.catalog.asTenant(own.tenant, (session) =>
      session.query<{ observed: { value: string; rows: number }[] }>(
        'SELECT observed FROM version WHERE tenant_id = $1 AND dataset = $2',
        [own.tenant.id, 'arrivals'],
      ),
    )
    assert.deepEqual(
      observed[0]?.observed.map(({ value, rows: count }) => [value, count]),
      [
        ['2026-01-05', 2],
        ['2026-03-01', 1],
      ],
    )
  })
})

type Sender = Awaited<ReturnType<Meters['tenant']>>['send']
