import assert from 'node:assert/strict'
import { test } from 'node:test'

import { setSourceOptions, sourceOptions } from '#catalog/options.ts'
import { openCatalog } from '#catalog/open.ts'
import type { Session } from '#catalog/session.ts'
import { createTenant, listTenants } from '#catalog/tenants.ts'
import { systemClock } from '#kernel/clock.ts'
import { eachEngine, suiteCatalog, testParts, testServer } from '../../test/support/database.ts'

eachEngine((engine) => {
  const open = suiteCatalog(engine)

  test('work that throws leaves nothing behind, and its error comes out as it is', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    const thrown = new Error('no')
    await assert.rejects(
      catalog.asTenant(tenant, async (session) => {
        await setSourceOptions(session, 'events', { a: 1 })
        throw thrown
      }),
      (error) => error === thrown,
    )
    const options = await catalog.asTenant(tenant, (session) => sourceOptions(session, 'events'))
    assert.deepEqual(options, {})
  })

  test('a transaction inside a transaction is refused, not waited for', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    await assert.rejects(
      catalog.asTenant(tenant, () => listTenants(catalog)),
      { code: 'catalog-nested' },
    )
  })

  test('a session is refused once its transaction has ended', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    let kept: Session | undefined
    await catalog.asTenant(tenant, async (session) => void (kept = session))
    await assert.rejects(async () => kept?.query('SELECT 1'), { code: 'catalog-session-ended' })
  })

  test('an error that was passed over does not become a commit', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    await assert.rejects(
      catalog.asTenant(tenant, async (session) => {
        await setSourceOptions(session, 'events', { a: 1 })
        await session.query('SELECT 1 / 0').catch(() => {})
      }),
      /passed over/,
    )
  })

  test('transactions that are asked for together all come to pass', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    const names = Array.from({ length: 20 }, (_, index) => `s${index}`)
    await Promise.all(
      names.map((name) =>
        catalog.asTenant(tenant, (session) => setSourceOptions(session, name, {})),
      ),
    )
    const rows = await catalog.asTenant(tenant, (session) =>
      session.query('SELECT FROM source_option'),
    )
    assert.equal(rows.length, 20)
  })

  test('a serialization failure is run again from the start', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    let tries = 0
    await catalog.asTenant(tenant, async (session) => {
      tries += 1
      await setSourceOptions(session, `try ${tries}`, {})
      if (tries < 3) {
        await session.query(`DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$`)
      }
    })
    const rows = await catalog.asTenant(tenant, (session) =>
      session.query<{ dataset: string }>('SELECT dataset FROM source_option'),
    )
    assert.deepEqual(rows, [{ dataset: 'try 3' }])
  })
})

test(
  'a broken connection is replaced; a server that is gone is catalog-unreachable, and its return is noticed',
  { skip: testServer() === null ? 'no PostgreSQL is installed' : false },
  async (t) => {
    const server = await testServer()
    assert.ok(server)
    const catalog = await openCatalog({ url: server.url('postgres') }, testParts)
    t.after(() => catalog.close())
    const tenant = await createTenant(catalog, 'acme')
    let tries = 0
    await catalog.asTenant(tenant, async (session) => {
      tries += 1
      if (tries > 1) return
      await session.query('RESET ROLE')
      await session.query('SELECT pg_terminate_backend(pg_backend_pid())')
    })
    assert.equal(tries, 2)
    await server.stop('crash')
    await assert.rejects(listTenants(catalog), { code: 'catalog-unreachable' })
    await server.start()
    assert.equal((await listTenants(catalog))[0]?.slug, 'acme')
  },
)

test(
  'a process that stands still in a transaction holds nobody up: its transaction is ended and run again',
  { skip: testServer() === null ? 'no PostgreSQL is installed' : false },
  async (t) => {
    const server = await testServer()
    assert.ok(server)
    const catalog = await openCatalog({ url: server.url('postgres') }, testParts)
    t.after(() => catalog.close())
    const tenant = await createTenant(catalog, 'stalled')
    let tries = 0
    await catalog.asTenant(tenant, async (session) => {
      tries += 1
      const [row] = await session.query<{ limit: string }>(
        `SELECT current_setting('idle_in_transaction_session_timeout') AS limit`,
      )
      assert.equal(row?.limit, '10s')
      if (tries > 1) return
      // The same as standing still for ten seconds, only sooner.
      await session.query(`SET LOCAL idle_in_transaction_session_timeout = '20ms'`)
      await systemClock.sleep(300)
      await setSourceOptions(session, 'events', {})
    })
    assert.equal(tries, 2)
  },
)
