import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { setOwnSettings } from '#catalog/tenant-settings.ts'
import { fullAccess } from '#model/access.ts'
import { openAnswerWorld, type AnswerWorld } from '../../../test/support/answer-world.ts'

let world: AnswerWorld
const lines = (month: string, amounts: readonly number[]) =>
  amounts.map((amount, at) => `1,who ${at},${amount}.50,0.5,true,${month}-02 10:00:00`)

before(async () => {
  world = await openAnswerWorld()
  await world.publish('2021-04', lines('2021-04', [1, 2]))
  await world.publish('2021-05', lines('2021-05', [10, 20, 30]))
})
after(() => world.close())

interface Figures {
  readonly isChosen: boolean
  readonly figures: readonly {
    readonly dataset: string
    readonly column: string
    readonly series: readonly { readonly partition: string; readonly value: number | null }[]
    readonly receipt: string | null
    readonly completeness: { readonly expected: number; readonly published: number } | null
  }[]
  readonly choices: readonly { readonly dataset: string; readonly column: string }[]
}

const figures = async (key?: string) => (await world.get('/v1/home/figures', key)).json<Figures>()

async function choose(body: object, key: string) {
  const headers = { authorization: `Bearer ${key}` }
  const url = '/v1/home/figures'
  return world.server.app.inject({ method: 'POST', url, headers, payload: body })
}

test('headline numbers are found in what is published, a number for each period', async () => {
  const { figures: found, isChosen, choices } = await figures()
  assert.equal(isChosen, false)
  assert.deepEqual(
    choices.filter(({ dataset }) => dataset === 'sums').map(({ column }) => column),
    ['amount', 'entries'],
  )
  const amount = found.find(({ dataset, column }) => dataset === 'sums' && column === 'amount')
  assert.deepEqual(amount?.series, [
    { partition: '2021-04', value: 4 },
    { partition: '2021-05', value: 61.5 },
  ])
  assert.equal(amount?.completeness?.published, 2)
  const receipt = await world.get(`/v1/receipts/${amount?.receipt}`)
  assert.equal(receipt.status, 200, receipt.body)
})

test('what was chosen is shown to everybody, until the choice is taken back', async (t) => {
  const writer = await world.key(fullAccess, ['read', 'write'])
  t.after(() => choose({ figures: null }, writer))
  const wish = [{ dataset: 'sums', column: 'entries', aggregate: 'max' }]
  assert.equal((await choose({ figures: wish }, writer)).statusCode, 200)
  const { figures: chosen, isChosen } = await figures()
  assert.equal(isChosen, true)
  assert.deepEqual(
    chosen.map(({ column, series }) => [column, series.map(({ value }) => value)]),
    [['entries', [1, 1]]],
  )
  assert.equal((await choose({ figures: null }, writer)).statusCode, 200)
  assert.equal((await figures()).isChosen, false)
  const reader = await world.key(fullAccess, ['read'])
  assert.equal((await choose({ figures: wish }, reader)).statusCode, 403)
  const unknown = await choose({ figures: [{ dataset: 'nothing', column: 'n' }] }, writer)
  assert.equal(unknown.json<{ code: string }>().code, 'dataset-unknown')
})

test('who does not see a dataset or a column gets no figure of it, chosen or not', async (t) => {
  const writer = await world.key(fullAccess, ['read', 'write'])
  t.after(() => choose({ figures: null }, writer))
  await choose({ figures: [{ dataset: 'sums', column: 'amount' }] }, writer)
  const blind = await world.key({ ...fullAccess, columns: { sums: ['who', 'entries'] } })
  assert.deepEqual((await figures(blind)).figures, [])
  const other = await world.key({ ...fullAccess, endpoints: ['entries'] })
  const seen = await figures(other)
  assert.ok(seen.choices.every(({ dataset }) => dataset === 'entries'))
  assert.deepEqual(seen.figures, [])
})

test('arrivals are counted by the days of the zone', async () => {
  const reply = await world.get('/v1/home/arrivals?days=3')
  const told = reply.json<{
    zone: string
    days: string[]
    sources: { dataset: string; publishes: number[] }[]
  }>()
  assert.equal(told.zone, 'UTC')
  assert.equal(told.days.length, 3)
  const source = told.sources.find(({ dataset }) => dataset === 'entries')
  assert.equal(
    source?.publishes.reduce((sum, one) => sum + one, 0),
    2,
  )
  const foreign = await world.key(fullAccess, ['read'], world.server.tenants.beta)
  const theirs = await world.get('/v1/home/arrivals?days=3', foreign)
  const [same] = theirs.json<{ sources: { publishes: number[] }[] }>().sources
  assert.deepEqual(same?.publishes, [0, 0, 0])
  const limited = await world.key({
    ...fullAccess,
    rows: { entries: [{ column: 'who', op: 'eq', value: 'who 1' }] },
  })
  const some = await world.get('/v1/home/arrivals?days=3', limited)
  assert.ok(!some.body.includes('"entries"'), 'when rows arrive tells of those that are not seen')
})

test('a day is one of the zone of the tenant, wherever the database is', async (t) => {
  const { catalog } = world.server.open
  const setZone = (timeZone: string) =>
    catalog.asTenant(world.tenant, (session) => setOwnSettings(session, { timeZone }))
  t.after(() => setZone('UTC'))
  const offset = (zone: string) =>
    Number(
      new Intl.DateTimeFormat('en', { timeZone: zone, hour: 'numeric', hourCycle: 'h23' }).format(
        world.server.parts.clock.now(),
      ),
    )
  // Just behind midnight what was published belongs to the day before.
  for (const zone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Asia/Kolkata']) {
    if (offset(zone) < 1) continue
    await setZone(zone)
    const told = (await world.get('/v1/home/arrivals?days=1')).json<{
      days: string[]
      sources: { dataset: string; publishes: number[] }[]
    }>()
    const local = new Intl.DateTimeFormat('en-CA', { timeZone: zone })
    assert.deepEqual(told.days, [local.format(world.server.parts.clock.now())], zone)
    const source = told.sources.find(({ dataset }) => dataset === 'entries')
    assert.deepEqual(source?.publishes, [2], zone)
  }
})

test('first steps are ticked by what there is', async () => {
  const steps = async (key?: string) =>
    Object.fromEntries(
      (await world.get('/v1/home/steps', key))
        .json<{ steps: { step: string; done: boolean }[] }>()
        .steps.map(({ step, done }) => [step, done]),
    )
  const own = await steps()
  assert.deepEqual(
    [own['source'], own['data'], own['run'], own['colleague']],
    [true, true, true, false],
  )
  const foreign = await world.key(fullAccess, ['read'], world.server.tenants.beta)
  const theirs = await steps(foreign)
  assert.deepEqual([theirs['source'], theirs['data'], theirs['run']], [false, false, false])
})
