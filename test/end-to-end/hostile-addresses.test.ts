import assert from 'node:assert/strict'
import { test } from 'node:test'

import { setCallHandler } from '#catalog/background-handlers.ts'
import { taskName } from '#catalog/background-ids.ts'
import { postTasks } from '#catalog/background-post.ts'
import { setSourceOptions } from '#catalog/options.ts'
import { createTenant } from '#catalog/tenants.ts'
import { loopbackHosts, specialHosts } from '#egress/hostile-hosts.ts'
import { setTrap } from '#egress/trap.ts'
import { systemClock } from '#kernel/clock.ts'
import { inParallel } from '#kernel/in-parallel.ts'
import type { Tenant } from '#model/tenant.ts'
import { operations } from '#operations/registry.gen.ts'
import { backgroundTask } from '../support/background-builders.ts'
import { openCellProcess, type CellProcess } from '../support/open-cells.ts'

const hosts = [...loopbackHosts, ...specialHosts]

/** Inputs that become the address of a call: the request that brings one in. */
const doors: Readonly<Record<string, (url: string) => readonly [path: string, body: object]>> = {
  'handlers.set.url': (url) => ['/v1/task-handlers/called', { url }],
  'tasks.post.callbackUrl': (url) => ['/v1/tasks', { name: 'told', callbackUrl: url }],
  'sources.configure.endpoint': (url) => [
    '/v1/sources/events/options',
    { location: 's3://bucket/{yyyy}-{MM}.csv', endpoint: url, anonymous: true },
  ],
  'sources.test.endpoint': (url) => [
    '/v1/sources/events/test',
    { location: 's3://bucket/{yyyy}-{MM}.csv', endpoint: url, anonymous: true },
  ],
  'identity-providers.create.issuer': (url) => [
    '/v1/identity-providers',
    { name: 'theirs', issuer: url, clientId: 'x', domains: ['example.com'] },
  ],
  'deliveries.create.callbackUrl': (url) => [
    '/v1/deliveries',
    { dataset: 'events', callbackUrl: url },
  ],
  'subscriptions.create.url': (url) => ['/v1/subscriptions', { title: 'theirs', url }],
  'targets.set.url': (url) => ['/v1/targets/theirs', { kind: 'webhook', url }],
  'targets.set.endpoint': (url) => [
    '/v1/targets/theirs',
    { kind: 's3', location: 's3://bucket/files', endpoint: url },
  ],
  'targets.set.databaseUrl': (url) => [
    '/v1/targets/theirs',
    { kind: 'postgres', databaseUrl: url.replace(/^https/, 'postgres') },
  ],
}

/** Inputs that sound like addresses, and why they are no doors of their own. */
const others: Readonly<Record<string, string>> = {
  'cells.create.databaseUrl': 'for operators: a database of their own',
  'identity-providers.set.issuer': 'looked at by the function that looks at it in `create`',
  'keys.create.endpoints': 'names of what is published',
  'roles.create.endpoints': 'names of what is published',
  'roles.set.endpoints': 'names of what is published',
  'sign-on.callback.error_uri': 'nobody goes there',
  'sources.configure.location': 'a bucket at the endpoint, or for operators a file',
  'sources.test.location': 'a bucket at the endpoint, or for operators a file',
  'subscriptions.update.url': 'looked at by the function that looks at it in `create`',
  'targets.set.location': 'a bucket at the endpoint',
  ...Object.fromEntries(
    [
      'deliveries.create',
      'embeds.create',
      'endpoints.drill',
      'endpoints.export-traffic',
      'endpoints.pin',
      'endpoints.rows',
      'endpoints.show',
      'endpoints.traffic',
      'endpoints.traffic-by-hour',
      'endpoints.unpin',
      'endpoints.versions',
      'reports.create',
      'reports.update',
      'rows.estimate',
      'rows.page',
    ].map((name) => [`${name}.endpoint`, 'the name of what is published']),
  ),
}

test('every input that may become the address of a call is known here', () => {
  const found = operations.flatMap(({ name, input }) =>
    Object.keys(input.shape)
      .filter((field) => /url|uri|endpoint|issuer|host|location|address|webhook/i.test(field))
      .map((field) => `${name}.${field}`),
  )
  assert.deepEqual(found.toSorted(), [...Object.keys(doors), ...Object.keys(others)].toSorted())
})

test('no hostile address is taken in at any door, and none is connected to', async (t) => {
  const trap = await setTrap(t)
  const millrace = await openCellProcess(t)
  for (const [door, request] of Object.entries(doors)) {
    const answers = await inParallel(hosts, 8, async (host) => {
      const [path, body] = request(`https://${host}:${trap.port}/`)
      const { status, json } = await millrace.ask<{ code: string }>(
        { tenant: 'default' },
        path,
        body,
      )
      return { host, status, code: json.code }
    })
    const taken = answers.filter(({ status }) => status < 400)
    assert.deepEqual(taken, [], door)
    const denied = answers.filter(({ code }) => /egress-denied|input-invalid/.test(code))
    assert.ok(denied.length > 60, `${door}: ${JSON.stringify(answers.slice(0, 5))}`)
  }
  assert.equal(trap.connections(), 0)
})

/** Stores addresses as if each had been harmless when it was saved, and has all of them called. */
async function callAll(
  millrace: CellProcess,
  tenant: Tenant,
  urls: readonly string[],
): Promise<string[]> {
  const { catalog, secrets } = millrace.open
  assert.notEqual(secrets.currentKeyId, null)
  const posted = await catalog.asTenant(tenant, async (session) => {
    for (const [n, url] of urls.entries()) {
      await setCallHandler(session, { name: `called${n}`, url, timeoutMs: 5_000 }, 'whsec_AA==')
    }
    return postTasks(
      session,
      urls.map((callbackUrl, n) =>
        backgroundTask({
          name: `called${n}`,
          handler: 'call',
          callbackUrl,
          retry: { attempts: 1, firstMs: 1, factor: 1, ceilingMs: 1 },
        }),
      ),
    )
  })
  const outcomes: string[] = []
  for (const { id } of posted) {
    for (;;) {
      const { json } = await millrace.ask<{
        state: string
        endedAt: string | null
        error: { code: string } | null
        callback: { state: string; attempts: number; error: string | null } | null
      }>({ tenant: tenant.slug }, `/v1/tasks/${taskName(id)}?waitMs=1000`)
      const { callback } = json
      const isTold = callback?.state === 'delivered' || callback?.error != null
      if (json.endedAt === null || !isTold) {
        await systemClock.sleep(20)
        continue
      }
      outcomes.push(`${json.error?.code ?? json.state} ${callback.error ?? callback.state}`)
      break
    }
  }
  for (const endpoint of urls) {
    const options = { location: 's3://bucket/{yyyy}-{MM}.csv', endpoint, anonymous: true }
    await catalog.asTenant(tenant, (session) =>
      setSourceOptions(session, 'events', { ...options, maxAttempts: 1 }),
    )
    const { status, text } = await millrace.ask({ tenant: tenant.slug }, '/v1/runs', {
      datasets: ['events'],
      partition: '2021-04',
    })
    outcomes.push(`${status} ${text}`)
  }
  return outcomes
}

/** Names lead nowhere on a machine without the names of the tests. */
const literal = hosts.filter((host) => !/\.test|internal|nip\.io|localhost\.$|\t/.test(host))

test('an address that has become hostile since it was saved is not connected to', async (t) => {
  const trap = await setTrap(t)
  const millrace = await openCellProcess(t)
  const tenant = await createTenant(millrace.open.catalog, 'alpha')
  const urls = literal.map((host) => `http://${host}:${trap.port}/`)
  assert.ok(urls.length > 60)
  const outcomes = await callAll(millrace, tenant, urls)
  assert.equal(outcomes.length, 2 * urls.length)
  for (const outcome of outcomes) assert.match(outcome, /egress-denied|outgoing calls do not go/)
  assert.equal(trap.connections(), 0)
})

test('the same calls reach the listener where the operator allows it', async (t) => {
  const trap = await setTrap(t)
  const env = { MILLRACE_EGRESS_ALLOW: '127.0.0.0/8' }
  const millrace = await openCellProcess(t, { env })
  const tenant = await createTenant(millrace.open.catalog, 'alpha')
  await callAll(millrace, tenant, [`http://127.0.0.1:${trap.port}/`])
  assert.ok(trap.connections() >= 3, `${trap.connections()} connections`)
})
