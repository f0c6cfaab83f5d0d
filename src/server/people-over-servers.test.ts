import assert from 'node:assert/strict'
import { test } from 'node:test'

import pg from 'pg'

import { setDisabled } from '#catalog/users.ts'
import { ownDatabase } from '../../test/support/own-database.ts'
import { openPeopleServer } from '../../test/support/people-server.ts'

test('over two servers of one database sessions end within a second, and guesses are counted together', async (t) => {
  const databaseUrl = await ownDatabase(t)
  if (databaseUrl === null) return t.skip('PostgreSQL is not installed')
  const one = await openPeopleServer({ databaseUrl })
  t.after(() => one.close())
  const two = await openPeopleServer({ databaseUrl })
  t.after(() => two.close())
  const { clock, catalog } = one.parts

  const ids = new Map<string, string>()
  for (const name of ['anna', 'bo', 'cy', 'di']) {
    const member = { tenant: one.tenant, role: 'analyst' }
    ids.set(name, await one.addUser(`${name}@x.org`, member))
  }
  /** Signed in at the first server, and seen at the second. */
  const browsers = async (name: string) => {
    const [here, there] = [one.browser(), two.browser()]
    assert.equal((await here.signIn(`${name}@x.org`)).status, 200)
    there.cookie = here.cookie
    const remembered = await there.ask('GET', '/v1/datasets')
    assert.equal(remembered.status, 200)
    return { here, there, seen: async () => (await there.ask('GET', '/v1/datasets')).status }
  }

  const signedOut = await browsers('anna')
  const disabled = await browsers('bo')
  const lowered = await browsers('cy')
  await signedOut.here.ask('POST', '/v1/sessions/current/end')
  await catalog.asSystem((session) => setDisabled(session, ids.get('bo') ?? '', true))
  await catalog.asTenant(one.tenant, (session) =>
    session.query(`DELETE FROM membership WHERE tenant_id = $1 AND user_id = $2`, [
      one.tenant.id,
      ids.get('cy'),
    ]),
  )
  await clock.sleep(1_000)
  assert.deepEqual(
    [await signedOut.seen(), await disabled.seen(), await lowered.seen()],
    [401, 401, 403],
  )

  await stopClock(databaseUrl)
  const statuses: number[] = []
  for (let at = 0; at < 10; at++) {
    const server = at % 2 === 0 ? one : two
    const guess = { password: 'not the password' }
    statuses.push((await server.browser().signIn('di@x.org', guess)).status)
  }
  assert.deepEqual(statuses, [401, 401, 401, 401, 401, 401, 429, 429, 429, 429])
  const at = '203.0.113.50'
  const flood = Array.from({ length: 40 }, (_, number) =>
    [one, two].map((server) => server.browser(at).signIn(`u${number}@x.org`, { password: 'x' })),
  ).flat()
  const heard = (await Promise.all(flood)).filter(({ status }) => status === 401)
  assert.ok(heard.length >= 40 && heard.length <= 80, `${heard.length} of 80 were heard`)
  const after = [one, two].map((server) => server.browser(at).signIn('v@x.org', { password: 'x' }))
  assert.deepEqual(
    (await Promise.all(after)).map(({ status }) => status),
    [429, 429],
  )
})

/** So that what is closed for a second stays so on a slow machine. */
async function stopClock(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  const { rows } = await client.query<{ now: Date }>('SELECT now()')
  const now = rows[0]?.now.toISOString() ?? ''
  await client.query(
    `CREATE OR REPLACE FUNCTION millrace.millrace_now() RETURNS timestamptz LANGUAGE sql VOLATILE
     AS 'SELECT timestamptz ''${now}'''`,
  )
  await client.end()
}
