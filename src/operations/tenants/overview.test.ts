import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { createTenant } from '#catalog/tenants.ts'
import { openServer, type TestServer } from '../../../test/support/open-server.ts'

let server: TestServer

before(async () => {
  server = await openServer()
})
after(() => server.close())

interface Overview {
  readonly tenants: readonly {
    readonly slug: string
    readonly troubled: number
    readonly hours: { readonly done: readonly number[] }
    readonly days: { readonly requests: readonly number[] }
  }[]
  readonly next: string | null
}

async function overview(query: string, key = server.operatorKey): Promise<Overview> {
  const authorization = `Bearer ${key}`
  const url = `/v1/tenant-overview?${query}`
  const response = await server.app.inject({ url, headers: { authorization } })
  assert.equal(response.statusCode, 200, response.body)
  return response.json<Overview>()
}

test('tenants in trouble come first, then by slug, page by page', async () => {
  const { catalog } = server.open
  await createTenant(catalog, 'zz-calm')
  const ill = await createTenant(catalog, 'zz-ill')
  await catalog.asTenant(ill, (session) =>
    session.query(
      `INSERT INTO partition_pointer (tenant_id, dataset, partition, failed_state)
       VALUES ($1, 'events', '2021-04', 'failed'), ($1, 'events', '2021-05', 'held')`,
      [ill.id],
    ),
  )
  const first = await overview('limit=2')
  assert.deepEqual([first.tenants[0]?.slug, first.tenants[0]?.troubled], ['zz-ill', 2])
  const slugs: string[] = []
  for (let after: string | null = '0:'; after !== null;) {
    const page: Overview = await overview(`limit=2${after === '0:' ? '' : `&after=${after}`}`)
    slugs.push(...page.tenants.map(({ slug }) => slug))
    after = page.next
  }
  assert.deepEqual(slugs, ['zz-ill', ...slugs.slice(1).toSorted()])
  assert.equal(new Set(slugs).size, slugs.length)
  assert.ok(slugs.includes('zz-calm'))
  const found = await overview('search=ZZ-&order=name')
  assert.deepEqual(
    found.tenants.map(({ slug }) => slug),
    ['zz-calm', 'zz-ill'],
  )
})

test('work of the last day is counted by the hour in which its run began', async () => {
  const { alpha } = server.tenants
  const { ids, clock, catalog } = server.open
  const old = { ...clock, now: () => new Date(clock.now().getTime() - 30 * 3_600_000) }
  const { createIds } = await import('#kernel/ids.ts')
  const runs = [
    [ids.next('run'), clock.now()],
    [createIds(old, server.open.random).next('run'), old.now()],
  ] as const
  await catalog.asTenant(alpha, async (session) => {
    for (const [id, at] of runs) {
      await session.query(
        `INSERT INTO run (tenant_id, id, state, cause, title, plan, open, created_at, ended_at)
         VALUES ($1, $2, 'done', 'test', 'test', '{}', 0, $3, $3)`,
        [alpha.id, id, at],
      )
      await session.query(
        `INSERT INTO run_dataset (tenant_id, run_id, dataset, rank, total, released, done, wall_ms)
         VALUES ($1, $2, 'events', 0, 3, 3, 3, 40)`,
        [alpha.id, id],
      )
    }
  })
  const { tenants } = await overview('search=alpha')
  const own = tenants.find(({ slug }) => slug === alpha.slug)
  assert.deepEqual(own?.hours.done, [...Array.from({ length: 23 }, () => 0), 3])
  assert.equal(own?.days.requests.length, 14)
})

test('nobody but operators is told of other tenants', async () => {
  const url = '/v1/tenant-overview'
  const response = await server.app.inject({
    url,
    headers: {
      authorization: `Bearer ${await server.key(server.tenants.alpha, ['read', 'admin'])}`,
    },
  })
  assert.equal(response.statusCode, 403)
})
