import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { test, type TestContext } from 'node:test'

import { saveTarget } from '#catalog/delivery-targets.ts'
import { sourceOptions } from '#catalog/options.ts'
import { systemClock } from '#kernel/clock.ts'
import { entriesHeader, entryLines } from '../../../test/support/answer-world.ts'
import { openDeliveryWorld, type DeliveryWorld } from '../../../test/support/delivery-world.ts'
import { openMailServer, type MailServer } from '../../../test/support/mail-server.ts'
import { buildProvider, enter } from '../../../test/support/member-builders.ts'
import { waitForEnd } from '../../../test/support/open-parts.ts'

interface Run {
  readonly number: number
  readonly state: string
  readonly rows: number | null
  readonly receipt: string | null
  readonly delivery: string | null
  readonly detail: string
}

interface ReportWorld extends Omit<DeliveryWorld, 'until'> {
  readonly mails: MailServer
  history(report: string): Promise<Run[]>
  /** Until so many runs have ended, the newest in this state. */
  until(report: string, number: number, state: string): Promise<Run>
}

/** Ada is a member; scheduler and notifier run. */
async function openReportWorld(t: TestContext): Promise<ReportWorld> {
  const mails = await openMailServer(t)
  const world = await openDeliveryWorld({ env: { MILLRACE_SMTP_URL: mails.url } })
  t.after(() => world.close())
  const { catalog } = world.server.open
  const provider = await buildProvider(catalog, world.tenant)
  assert.ok(await enter(catalog, provider, 'ada'))
  world.server.open.startWorking(['scheduler', 'notifier'])
  const history = async (report: string) => {
    const reply = await world.get(`/v1/reports/${report}/history`)
    assert.equal(reply.status, 200, reply.body)
    return reply.json<{ runs: Run[] }>().runs
  }
  return {
    ...world,
    mails,
    history,
    async until(report, number, state) {
      for (const untilMs = systemClock.monotonicMs() + 60_000; ;) {
        const runs = await history(report)
        const [run] = runs
        if (run?.number === number && run.state === state) return run
        assert.ok(systemClock.monotonicMs() < untilMs, JSON.stringify(runs))
        await systemClock.sleep(50)
      }
    },
  }
}

async function make(world: ReportWorld, report: string, body: object): Promise<void> {
  const reply = await world.send('POST', '/v1/reports', { report, ...body })
  assert.equal(reply.status, 200, reply.body)
}

const again = (world: ReportWorld, report: string) =>
  world.send('POST', `/v1/reports/${report}/run`, {})

async function letters(world: ReportWorld, count: number): Promise<void> {
  for (const untilMs = systemClock.monotonicMs() + 60_000; ;) {
    if (world.mails.received.length >= count) break
    assert.ok(systemClock.monotonicMs() < untilMs, `${world.mails.received.length} mails`)
    await systemClock.sleep(50)
  }
}

/** A month's entries are published, and what follows from them is not. */
async function publishAlone(world: ReportWorld, month: string, count: number): Promise<void> {
  const { catalog, factory } = world.server.open
  const { location } = await catalog.asTenant(world.tenant, (session) =>
    sourceOptions(session, 'entries'),
  )
  const lines = [entriesHeader, ...entryLines(month, count)]
  await writeFile(String(location).replace('{yyyy}-{MM}', month), `${lines.join('\n')}\n`)
  const request = {
    datasets: ['entries'],
    partitions: [month],
    mode: 'run',
    downstream: false,
  } as const
  const { run } = await factory.start(world.tenant, request, { cause: 'test', title: 'test' })
  assert.equal((await waitForEnd(world.server.open, world.tenant, run?.id ?? '')).run.state, 'done')
}

test('a report by the clock brings a picture, the first rows and the link', async (t) => {
  const world = await openReportWorld(t)
  await world.publish('2021-03', entryLines('2021-03', 500))
  await make(world, 'sums-daily', {
    dataset: 'sums',
    partition: '2021-03',
    cron: '0 7 * * *',
    zone: 'Europe/Berlin',
    mail: ['ada@example.com'],
    chart: { kind: 'bar', x: 'who', y: ['entries'], title: 'Entries <b>by</b> person' },
  })
  const shown = (await world.get('/v1/reports/sums-daily')).json<{ nextAt: string }>()
  assert.match(shown.nextAt, /T0[56]:00:00/)
  assert.equal((await again(world, 'sums-daily')).status, 200)
  const run = await world.until('sums-daily', 1, 'sent')
  assert.equal(run.rows, 6)
  await letters(world, 1)
  const [letter] = world.mails.received
  assert.ok(letter)
  const picture = letter.parsed.attachments.find(({ mimeType }) => mimeType === 'image/png')
  assert.ok(picture?.contentId)
  const html = letter.parsed.html ?? ''
  assert.ok(html.includes(`cid:${picture.contentId.replace(/[<>]/g, '')}`))
  assert.match(html, /&lt;b&gt;by/)
  assert.doesNotMatch(html, /<b>by/)
  assert.match(html, /who 3/)
  assert.match(letter.parsed.text ?? '', /who 3\s+83/)
  assert.ok(letter.parsed.text?.includes(run.receipt ?? '?'))
  const bytes = Buffer.from(picture.content as ArrayBuffer)
  assert.ok(bytes.length > 5_000, `${bytes.length} bytes`)

  // The list of deliveries tells how its mail came out.
  for (const untilMs = systemClock.monotonicMs() + 60_000; ;) {
    const { deliveries } = (await world.get('/v1/deliveries')).json<{
      deliveries: { mailStates: string[] }[]
    }>()
    if (deliveries[0]?.mailStates.join() === 'sent') break
    assert.ok(systemClock.monotonicMs() < untilMs, JSON.stringify(deliveries[0]?.mailStates))
    await systemClock.sleep(50)
  }

  // Nothing was lost or sent twice by a second look at the same rows, unless somebody asks for it.
  assert.equal((await again(world, 'sums-daily')).status, 200)
  const second = await world.until('sums-daily', 2, 'sent')
  assert.notEqual(second.delivery, run.delivery)
})

test('a report of arrivals waits for what is missing, and sends what has changed, once', async (t) => {
  const world = await openReportWorld(t)
  await publishAlone(world, '2021-04', 30)
  await world.publish('2021-03', entryLines('2021-03', 50))
  await make(world, 'spring', {
    dataset: 'sums',
    partition: '2021-03..2021-04',
    onArrival: true,
    mail: ['ada@example.com'],
    chart: { kind: 'line', x: 'nowhere', y: ['entries'] },
  })
  await world.publish('2021-03', entryLines('2021-03', 60))
  const held = await world.until('spring', 1, 'held')
  assert.match(held.detail, /sums 2021-04/)
  assert.equal(world.mails.received.length, 0)

  await world.publish('2021-04', entryLines('2021-04', 40))
  const first = await world.until('spring', 2, 'sent')
  await letters(world, 1)
  const [letter] = world.mails.received
  assert.match(letter?.parsed.text ?? '', /not drawn: the answer has no column "nowhere"/)
  assert.deepEqual(letter?.parsed.attachments, [])

  // Another dataset's worth of publishing that changes no row of it.
  await world.publish('2021-05', entryLines('2021-05', 40))
  const unchanged = await world.until('spring', 3, 'unchanged')
  assert.equal(unchanged.delivery, null)

  await world.publish('2021-04', entryLines('2021-04', 41))
  const changed = await world.until('spring', 4, 'sent')
  assert.notEqual(changed.receipt, first.receipt)
  await letters(world, 2)
  assert.equal(world.mails.received.length, 2)
})

test('reports go to members only, and are shown to those who see as much', async (t) => {
  const world = await openReportWorld(t)
  await world.publish('2021-03', entryLines('2021-03', 5))
  const asked = { dataset: 'sums', onArrival: true }
  const refused = await world.send('POST', '/v1/reports', {
    report: 'r',
    ...asked,
    mail: ['eve@elsewhere.example'],
  })
  assert.equal(refused.status, 422)
  assert.match(refused.body, /eve@elsewhere\.example is the address of no member/)
  for (const body of [asked, { ...asked, cron: '@daily', mail: ['ada@example.com'] }]) {
    assert.equal((await world.send('POST', '/v1/reports', { report: 'r', ...body })).status, 400)
  }
  await make(world, 'r', { ...asked, mail: ['ada@example.com'] })
  const twice = await world.send('POST', '/v1/reports', {
    report: 'r',
    ...asked,
    mail: ['ada@example.com'],
  })
  assert.equal(twice.status, 409)
  const limited = await world.key({ endpoints: ['entries'], columns: {}, rows: {} })
  assert.equal((await world.get('/v1/reports/r', limited)).status, 404)
  assert.deepEqual((await world.get('/v1/reports', limited)).json<{ reports: [] }>().reports, [])
  assert.equal((await world.send('POST', '/v1/reports/r/pause', {})).status, 200)
  const paused = (await world.get('/v1/reports/r')).json<{ state: string; nextAt: null }>()
  assert.deepEqual([paused.state, paused.nextAt], ['paused', null])
  assert.equal((await world.send('DELETE', '/v1/reports/r')).status, 200)
  assert.equal((await world.get('/v1/reports/r')).status, 404)
})

interface Preview {
  readonly would: string
  readonly detail: string
  readonly rows: number | null
  readonly columns: { readonly name: string }[]
  readonly sample: Record<string, unknown>[]
}

interface Calendar {
  readonly reports: {
    readonly report: string
    readonly times: string[]
    readonly more: boolean
    readonly runs: { readonly state: string; readonly delivery: string | null }[]
  }[]
}

test('a look ahead says what would be sent, when, and what came of it before; and sends nothing', async (t) => {
  const world = await openReportWorld(t)
  await publishAlone(world, '2021-04', 30)
  await world.publish('2021-03', entryLines('2021-03', 500))
  const daily = { cron: '0 7 * * *', zone: 'Europe/Berlin', mail: ['ada@example.com'] }
  await make(world, 'sums-daily', { dataset: 'sums', partition: '2021-03', ...daily })
  await make(world, 'waits', { dataset: 'sums', partition: '2021-03..2021-04', ...daily })
  await make(world, 'arrives', { dataset: 'sums', onArrival: true, mail: ['ada@example.com'] })
  const preview = async (report: string) => {
    const reply = await world.get(`/v1/reports/${report}/preview?limit=2`)
    assert.equal(reply.status, 200, reply.body)
    return reply.json<Preview>()
  }
  const first = await preview('sums-daily')
  assert.deepEqual([first.would, first.rows, first.sample.length], ['sent', 6, 2])
  assert.deepEqual(
    Object.keys(first.sample[0] ?? {}),
    first.columns.map(({ name }) => name),
  )
  assert.equal((await preview('waits')).would, 'held')
  assert.deepEqual(await world.history('sums-daily'), [])
  assert.equal(world.mails.received.length, 0)

  assert.equal((await again(world, 'sums-daily')).status, 200)
  const { delivery } = await world.until('sums-daily', 1, 'sent')
  const second = await preview('sums-daily')
  assert.deepEqual([second.would, second.rows], ['unchanged', 6])

  const calendar = async (query: string, key?: string) =>
    (await world.get(`/v1/report-calendar?${query}`, key)).json<Calendar>().reports
  const all = await calendar('days=7')
  assert.deepEqual(
    all.map(({ report, times, runs }) => [report, times.length, runs.map(({ state }) => state)]),
    [
      ['arrives', 0, []],
      ['sums-daily', 7, ['sent']],
      ['waits', 7, []],
    ],
  )
  assert.equal(all[1]?.runs[0]?.delivery, delivery)
  assert.equal((await calendar('limit=1&after=arrives'))[0]?.report, 'sums-daily')
  assert.equal((await world.send('POST', '/v1/reports/waits/pause', {})).status, 200)
  assert.deepEqual((await calendar('after=sums-daily'))[0]?.times, [])

  const limited = await world.key({ endpoints: ['entries'], columns: {}, rows: {} })
  assert.deepEqual(await calendar('days=7', limited), [])
  assert.equal((await world.get('/v1/reports/sums-daily/preview', limited)).status, 404)
  const times = await world.get(
    '/v1/report-times?cron=0%207%20*%20*%201&zone=Europe/Berlin&count=3',
  )
  const walls = times.json<{ times: { wall: string }[] }>().times.map(({ wall }) => wall)
  assert.equal(walls.length, 3)
  for (const wall of walls) {
    assert.ok(wall.endsWith(' 07:00'), wall)
    assert.equal(new Date(`${wall.slice(0, 10)}T00:00:00Z`).getUTCDay(), 1)
  }
  assert.equal((await world.get('/v1/report-times?cron=soon')).status, 400)

  // What was asked leads to a report of the same.
  const shown = await world.create({
    dataset: 'sums',
    partition: '2021-03',
    where: { who: ['in.["a","b"]', 'ne.c'] },
    sort: ['-entries'],
  })
  const { asked } = (await world.get(`/v1/deliveries/${shown.id}`)).json<{ asked: object }>()
  assert.deepEqual(asked, {
    dataset: 'sums',
    partition: '2021-03',
    where: { who: ['in.["a","b"]', 'ne.c'] },
    sort: ['-entries'],
  })
  await make(world, 'next-one', { ...asked, onArrival: true, mail: ['ada@example.com'] })
})

test('a report and its deliveries say where they go, as it was given', async (t) => {
  const world = await openReportWorld(t)
  await world.publish('2021-03', entryLines('2021-03', 5))
  await world.server.open.catalog.asTenant(world.tenant, (session) =>
    saveTarget(session, { name: 'warehouse', kind: 'postgres', options: {}, createdBy: 'ada' }),
  )
  const place = {
    target: 'warehouse',
    targetOptions: { table: 'sums', mode: 'upsert', key: ['n'] },
  }
  await make(world, 'nightly', { dataset: 'entries', cron: '@daily', ...place })
  const made = await world.send('POST', '/v1/deliveries', { dataset: 'entries', ...place })
  assert.equal(made.status, 200, made.body)
  const { id } = made.json<{ id: string }>()
  for (const path of ['/v1/reports/nightly', `/v1/deliveries/${id}`]) {
    const shown = await world.get(path)
    const { targetName, targetOptions } = shown.json<typeof place & { targetName: string }>()
    assert.equal(targetName, 'warehouse')
    assert.deepEqual(targetOptions, { ...place.targetOptions, removeOthers: false })
  }
})
