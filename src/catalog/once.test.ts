import assert from 'node:assert/strict'
import { test } from 'node:test'

import {
  answerRequest,
  claimRequest,
  keepRequest,
  releaseRequest,
  sweepRequests,
  type IdempotentRequest,
} from '#catalog/idempotent-requests.ts'
import { asOnce } from '#catalog/once.ts'
import { setSourceOptions } from '#catalog/options.ts'
import { createTenant } from '#catalog/tenants.ts'
import type { Tenant } from '#model/tenant.ts'
import { eachEngine, suiteCatalog } from '../../test/support/database.ts'

const HOUR_MS = 3_600_000
const times = { leaseMs: 30_000, keepMs: 24 * HOUR_MS }
const dataset = 'readings'

eachEngine((engine) => {
  const open = suiteCatalog(engine)
  const catalog = () => open().catalog

  const request = (key: string, more: Partial<IdempotentRequest> = {}): IdempotentRequest => ({
    caller: 'key mk_1',
    key,
    operation: 'things.do',
    fingerprint: Buffer.alloc(32, 1),
    token: 'first',
    ...more,
  })
  const claim = (tenant: Tenant, asked: IdempotentRequest) =>
    catalog().asTenant(tenant, (session) => claimRequest(session, asked, times))
  const change = (tenant: Tenant, asked: IdempotentRequest) =>
    asOnce(tenant, asked, () =>
      catalog().asTenant(tenant, (session) =>
        setSourceOptions(session, dataset, { location: asked.token }),
      ),
    )
  const written = async () =>
    (
      await open().admin<{ options: { location: string } }>('SELECT options FROM source_option')
    ).map(({ options }) => options.location)

  test('the first claims, repeats wait for its answer and get it', async () => {
    const tenant = await createTenant(catalog(), 'acme')
    const asked = request('k')
    assert.deepEqual(await claim(tenant, asked), { state: 'ours' })
    assert.deepEqual(await claim(tenant, request('k', { token: 'second' })), { state: 'busy' })
    const other = { fingerprint: Buffer.alloc(32, 2) }
    assert.deepEqual(await claim(tenant, request('k', other)), { state: 'other' })
    await catalog().asTenant(tenant, (session) =>
      answerRequest(session, asked, { answer: '{}', sealed: null }),
    )
    assert.deepEqual(await claim(tenant, request('k', { token: 'third' })), {
      state: 'answered',
      answer: '{}',
      sealed: null,
    })
  })

  test('a key is of one caller and one tenant', async () => {
    const acme = await createTenant(catalog(), 'acme')
    const globex = await createTenant(catalog(), 'globex')
    for (const caller of ['key mk_1', 'key mk_2']) {
      for (const tenant of [acme, globex]) {
        assert.deepEqual(await claim(tenant, request('k', { caller })), { state: 'ours' })
      }
    }
  })

  test('an abandoned claim is taken over, and who was thought dead can change nothing', async () => {
    const tenant = await createTenant(catalog(), 'acme')
    const [dead, next] = [request('k'), request('k', { token: 'second' })]
    await claim(tenant, dead)
    await open().shiftClock(times.leaseMs)
    assert.deepEqual(await claim(tenant, next), { state: 'ours' })
    await assert.rejects(change(tenant, dead), { code: 'idempotency-busy' })
    assert.deepEqual(await written(), [])
    await change(tenant, next)
    assert.deepEqual(await written(), ['second'])
  })

  test('a claim that has changed something is not taken over: its outcome is unknown', async () => {
    const tenant = await createTenant(catalog(), 'acme')
    const asked = request('k')
    await claim(tenant, asked)
    await asOnce(tenant, asked, () =>
      catalog().asTenant(tenant, (session) => session.query('SELECT 1')),
    )
    assert.equal(await catalog().asTenant(tenant, (s) => keepRequest(s, asked, 1000)), true)
    await change(tenant, asked)
    assert.equal(await catalog().asTenant(tenant, (s) => releaseRequest(s, asked)), false)
    await open().shiftClock(times.leaseMs)
    assert.deepEqual(await claim(tenant, request('k', { token: 'second' })), { state: 'unknown' })
    assert.deepEqual(await written(), ['first'])
  })

  test('what changed nothing gives its key back', async () => {
    const tenant = await createTenant(catalog(), 'acme')
    const asked = request('k')
    await claim(tenant, asked)
    assert.equal(await catalog().asTenant(tenant, (s) => releaseRequest(s, asked)), true)
    assert.deepEqual(await claim(tenant, request('k', { token: 'second' })), { state: 'ours' })
  })

  test('somebody who is erased is taken out of answers that were kept', async () => {
    const tenant = await createTenant(catalog(), 'acme')
    const asked = request('k')
    await claim(tenant, asked)
    await catalog().asTenant(tenant, async (session) => {
      await answerRequest(session, asked, { answer: '{"to":"ada@example.com"}', sealed: null })
      await session.query('SELECT subject_redact($1)', ['ada@example.com'])
    })
    const again = await claim(tenant, request('k', { token: 'second' }))
    assert.deepEqual(again, { state: 'answered', answer: '{"to":"(erased)"}', sealed: null })
  })

  test('keys are forgotten after a day, and their rows go', async () => {
    const tenant = await createTenant(catalog(), 'acme')
    const asked = request('k')
    await claim(tenant, asked)
    await catalog().asTenant(tenant, (session) =>
      answerRequest(session, asked, { answer: '{}', sealed: null }),
    )
    const sweep = () => catalog().asSystem((session) => sweepRequests(session, times.keepMs))
    assert.equal(await sweep(), 0)
    await open().shiftClock(times.keepMs + 1000)
    const again = request('k', { token: 'second', operation: 'things.other' })
    assert.deepEqual(await claim(tenant, again), { state: 'ours' })
    await open().shiftClock(2 * times.keepMs + 2000)
    assert.equal(await sweep(), 1)
  })
})
