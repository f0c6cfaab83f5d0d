import assert from 'node:assert/strict'

import { parseTaskId, taskName } from '#catalog/background-ids.ts'
import { systemClock } from '#kernel/clock.ts'
import type { Ids } from './foreign-forms.ts'
import { deliveryMakers } from './seeds-deliveries.ts'
import { eventMakers } from './seeds-events.ts'
import { appendMakers } from './seeds-append.ts'
import { mendMakers } from './seeds-mends.ts'
import { peopleMakers } from './seeds-people.ts'
import { servingMakers } from './seeds-serving.ts'
import { CANARY, MONTH, THEIR_MONTH, type World } from './world.ts'

/** Sends a request with all rights of a tenant's owner, and of the company. */
type Ask = (
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: Readonly<Record<string, unknown>>,
) => Promise<unknown>

/**
 * One of everything, for a tenant whose word stands in all of its texts; what comes back names it.
 * A field that names a kind which is not here makes the matrix fail.
 */
const makers: Readonly<Record<string, (ask: Ask, word: string) => Promise<string>>> = {
  async run(ask, word) {
    const body = { datasets: ['meter_months'], title: `${word} run` }
    const { run } = (await ask('POST', '/v1/runs', body)) as { run: { id: string } }
    for (;;) {
      await systemClock.sleep(100)
      const { run: seen } = (await ask('GET', `/v1/runs/${run.id}`)) as { run: { state: string } }
      if (seen.state !== 'running') {
        assert.equal(seen.state, 'done')
        return run.id
      }
    }
  },
  async build(ask) {
    const { tasks } = (await ask('GET', '/v1/runs/last/tasks')) as { tasks: { id: number }[] }
    return String(tasks[0]?.id)
  },
  async task(ask, word) {
    const body = {
      name: 'echo',
      payload: { text: `${word} payload` },
      idempotencyKey: `${word} key`,
    }
    return ((await ask('POST', '/v1/tasks', body)) as { id: string }).id
  },
  async backfill(ask, word) {
    const body = { datasets: ['meter_months'], partition: MONTH, title: `${word} backfill` }
    return ((await ask('POST', '/v1/backfills', body)) as { id: string }).id
  },
  async schedule(ask, word) {
    const name = `${word}-nightly`
    await ask('POST', '/v1/schedules', { name, cron: '0 3 * * *', datasets: ['meter_months'] })
    return name
  },
  async key(ask, word) {
    const body = { name: `${word} key`, permissions: ['read'] }
    return ((await ask('POST', '/v1/keys', body)) as { id: string }).id
  },
  async 'task-name'(ask, word) {
    const name = `${word}-handler`
    await ask('POST', `/v1/task-handlers/${name}`, { url: `http://127.0.0.1:9/${word}` })
    return name
  },
  async role(ask, word) {
    const name = `${word}-role`
    await ask('POST', '/v1/roles', { name, permissions: ['read'] })
    return name
  },
  async invitation(ask, word) {
    const body = { email: `${word}-invited@example.com`, role: 'viewer' }
    return ((await ask('POST', '/v1/invitations', body)) as { id: string }).id
  },
  async sensor(ask) {
    await ask('POST', '/v1/sensors', { source: 'readings', every: '1d' })
    return 'readings'
  },
  async 'saved-query'(ask, word) {
    const name = `${word.toLowerCase()}-query`
    const body = { name, sql: `SELECT '${word}' AS word`, description: `${word} question` }
    await ask('POST', '/v1/saved-queries', body)
    return name
  },
  subject: async (_ask, word) => `${word}-meter`,
  async erasure(ask, word) {
    const body = { value: `${word}-nobody` }
    return ((await ask('POST', '/v1/subjects/meter/erase', body)) as { id: string }).id
  },
}

/** Names that every tenant may use: they name no thing of another one. */
const shared: Readonly<Record<string, string>> = {
  dataset: 'meter_months',
  endpoint: 'meter_totals',
  source: 'readings',
  deployment: '1',
  cell: 'nowhere',
  'subject-kind': 'meter',
  operator: 'nobody@example.com',
}

/** Ids by kind. Things of both tenants are there, and what the other one has was looked at. */
export async function seed(world: World, kinds: ReadonlySet<string>): Promise<Map<string, Ids>> {
  const ids = new Map<string, Ids>()
  const ask =
    (slug: string): Ask =>
    async (method, url, payload) => {
      const headers = {
        authorization: `Bearer ${world.server.operatorKey}`,
        'millrace-tenant': slug,
      }
      const answer = await world.server.app.inject({
        method,
        url,
        headers,
        ...(payload && { payload }),
      })
      assert.ok(answer.statusCode < 300, `${method} ${url}: ${answer.statusCode} ${answer.body}`)
      return answer.json()
    }
  for (const [kind, make] of Object.entries({
    ...makers,
    ...deliveryMakers,
    ...eventMakers,
    ...mendMakers,
    ...appendMakers,
    ...servingMakers,
  })) {
    const own = await make(ask(world.mine.slug), 'own')
    const foreign = await make(ask(world.theirs.slug), CANARY)
    ids.set(kind, { own, foreign, unknown: unknownLike(foreign) })
  }
  for (const [kind, make] of Object.entries(peopleMakers)) {
    const own = await make(world, world.mine, 'own')
    const foreign = await make(world, world.theirs, CANARY)
    ids.set(kind, { own, foreign, unknown: unknownLike(foreign) })
  }
  for (const [kind, name] of Object.entries(shared)) {
    ids.set(kind, { own: name, foreign: name, unknown: name })
  }
  ids.set('partition', { own: MONTH, foreign: THEIR_MONTH, unknown: '2021-06' })
  const placeOf = (partition: string) => `meter_months@${partition}`
  ids.set('place', {
    own: placeOf(MONTH),
    foreign: placeOf(THEIR_MONTH),
    unknown: placeOf('2021-06'),
  })
  ids.set('tenant', { own: world.mine.slug, foreign: world.theirs.slug, unknown: 'no-tenant' })
  const missing = [...kinds].filter((kind) => !ids.has(kind))
  assert.deepEqual(missing, [], 'kinds of things that fields name, and the seed has none of')
  return ids
}

/** Of the same form, and nobody's. */
function unknownLike(id: string): string {
  if (/^\d+$/.test(id)) return String(Number(id) + 1_000_000)
  const task = parseTaskId(id)
  if (task !== null) return taskName(task + 1_000_000)
  if (id.includes(CANARY)) return id.replace(CANARY, 'nowhere0000')
  return id.slice(0, -6) + id.slice(-6).replace(/./g, (letter) => (letter === 'z' ? 'y' : 'z'))
}
