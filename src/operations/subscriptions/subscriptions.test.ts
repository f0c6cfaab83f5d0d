import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'

import { tellEvent } from '#catalog/events.ts'
import { SUBSCRIPTIONS_MAX } from '#catalog/subscriptions.ts'
import { createTenant } from '#catalog/tenants.ts'
import { systemClock } from '#kernel/clock.ts'
import type { Tenant } from '#model/tenant.ts'
import { openServer, type TestServer } from '../../../test/support/open-server.ts'
import { isSigned, openReceiver } from '../../../test/support/receiver.ts'

describe('subscriptions over REST', () => {
  let server: TestServer
  before(async () => {
    server = await openServer()
    server.open.startWorking(['notifier'])
  })
  after(() => server.close())

  // oxlint-disable-next-line typescript/no-explicit-any -- tests read whatever came
  type Answer = { status: number; json: any }

  async function callerOf(name: string) {
    const tenant = await createTenant(server.open.catalog, name)
    const key = await server.key(tenant, ['read', 'write'])
    const call = async (
      method: 'GET' | 'POST' | 'DELETE',
      path: string,
      payload?: object,
      withKey = key,
    ): Promise<Answer> => {
      const answer = await server.app.inject({
        method,
        url: `/v1/subscriptions${path}`,
        headers: { authorization: `Bearer ${withKey}` },
        ...(payload && { payload }),
      })
      return { status: answer.statusCode, json: answer.json() }
    }
    return { tenant, call }
  }

  const tell = (tenant: Tenant, run: string) =>
    server.open.catalog.asTenant(tenant, (s) => tellEvent(s, 'run.started', { run }))

  async function until(look: () => Promise<boolean> | boolean): Promise<void> {
    for (let waited = 0; !(await look()); waited += 10) {
      assert.ok(waited < 20_000, 'it did not come to that')
      await systemClock.sleep(10)
    }
  }

  test('are made, tried, changed, paused and removed; the secret is shown once', async (t) => {
    const { tenant, call } = await callerOf('whole')
    const receiver = await openReceiver(t, ({ path }) =>
      path === '/moved' ? { body: 'here' } : { status: 500, body: 'not here' },
    )
    const { status, json: made } = await call('POST', '', { url: receiver.url, title: 'CRM' })
    assert.equal(status, 200)
    assert.match(made.secret, /^whsec_/)
    const one = `/${made.id}`
    const tested = await call('POST', `${one}/test`)
    assert.deepEqual(
      [tested.json.arrived, tested.json.status, tested.json.answer],
      [false, 500, 'not here'],
    )
    assert.ok(receiver.received[0] && isSigned(receiver.received[0], made.secret))
    const moved = await call('POST', one, { url: `${receiver.url}/moved`, kinds: ['run.started'] })
    assert.deepEqual([moved.json.kinds, moved.json.title], [['run.started'], 'CRM'])
    assert.equal((await call('POST', `${one}/test`)).json.arrived, true)

    await tell(tenant, 'a')
    const delivered = async () => (await call('GET', `${one}/deliveries`)).json.deliveries
    await until(async () => (await delivered())[0]?.state === 'delivered')
    assert.deepEqual((await delivered())[0].tries[0].answer, 'here')
    assert.equal((await call('POST', `${one}/pause`)).json.state, 'paused')
    await tell(tenant, 'b')
    assert.equal((await delivered())[0].state, 'waiting')
    assert.equal((await call('POST', `${one}/resume`)).json.state, 'active')
    await until(async () => (await delivered())[0].state === 'delivered')

    const rotated = await call('POST', `${one}/rotate-secret`, {})
    assert.ok(Date.parse(rotated.json.formerSecretUntil) > 0)
    const before = receiver.received.length
    await call('POST', `${one}/redeliver`, { sequence: 1 })
    await until(() => receiver.received.length > before)
    const again = receiver.received.at(-1)
    const signatures = String(again?.headers['webhook-signature']).split(' ')
    assert.equal(signatures.length, 2)
    const signed = (secret: string) =>
      signatures.some(
        (signature) =>
          again &&
          isSigned(
            { ...again, headers: { ...again.headers, 'webhook-signature': signature } },
            secret,
          ),
      )
    assert.ok(signed(made.secret) && signed(rotated.json.secret))

    const listed = await call('GET', '')
    assert.deepEqual([listed.json.subscriptions.length, listed.json.next], [1, null])
    const page = await call('GET', `${one}/deliveries?limit=1`)
    assert.equal(page.json.next, 2)
    assert.doesNotMatch(JSON.stringify([listed, page, await call('GET', one)]), /whsec_/)
    assert.equal((await call('DELETE', one)).status, 200)
    assert.deepEqual((await call('GET', one)).json.code, 'subscription-unknown')
  })

  test('are refused for addresses, kinds and datasets that cannot be, and for whoever may only read', async () => {
    const { tenant, call } = await callerOf('refused')
    const url = 'http://127.0.0.1:9/'
    for (const [body, code] of [
      [{ url: 'http://169.254.169.254/latest' }, 'egress-denied'],
      [{ url: 'ftp://example.com' }, 'egress-url-invalid'],
      [{ url, kinds: ['run.begun'] }, 'input-invalid'],
      [{ url, kinds: [] }, 'input-invalid'],
      [{ url, datasets: ['nothing'] }, 'dataset-unknown'],
    ] as const) {
      const { status, json } = await call('POST', '', body)
      assert.ok(status >= 400 && status < 500, `${status}`)
      assert.equal(json.code, code)
    }
    const reader = await server.key(tenant, ['read'])
    assert.equal((await call('POST', '', { url }, reader)).json.code, 'forbidden')
    assert.equal((await call('GET', '', undefined, reader)).json.code, 'forbidden')
    const { json } = await call('POST', '', { url })
    const { call: other } = await callerOf('other')
    const foreign = await other('GET', `/${json.id}`)
    const unknown = await other('GET', '/sub_0000000000000000')
    assert.equal(foreign.json.code, 'subscription-unknown')
    assert.equal(foreign.status, unknown.status)
    const missing = await call('POST', `/${json.id}/redeliver`, { sequence: 7 })
    assert.equal(missing.json.code, 'subscription-event-unknown')
    const overlap = await call('POST', `/${json.id}/rotate-secret`, { overlap: 'soon' })
    assert.equal(overlap.json.code, 'input-invalid')
  })

  test('are at most so many, also for those who ask at the same time', async () => {
    const { call } = await callerOf('many')
    const url = 'http://127.0.0.1:9/'
    const made = await Promise.all(
      Array.from({ length: SUBSCRIPTIONS_MAX + 3 }, () => call('POST', '', { url })),
    )
    const refused = made.filter(({ status }) => status !== 200)
    assert.equal(refused.length, 3)
    for (const { json } of refused) assert.equal(json.code, 'subscriptions-exhausted')
  })
})
