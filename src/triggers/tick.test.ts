import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Catalog } from '#catalog/catalog.ts'
import { listFirings } from '#catalog/trigger-firings.ts'
import { createTenant } from '#catalog/tenants.ts'
import { createTrigger, getTrigger } from '#catalog/triggers.ts'
import type { Tenant } from '#model/tenant.ts'
import { eachEngine, suiteCatalog, type TestCatalog } from '../../test/support/database.ts'
import { nextFiring } from '#triggers/schedule-times.ts'
import type { ScheduleDefinition } from '#triggers/schedule.ts'
import { tick } from '#triggers/tick.ts'

const HOUR_MS = 3_600_000

function buildSchedule(more: Partial<ScheduleDefinition> = {}): ScheduleDefinition {
  return {
    cron: '0 * * * *',
    zone: 'UTC',
    overlap: 'skip',
    catchUp: 'none',
    catchUpMost: 10,
    jitterMs: 0,
    starts: { kind: 'run', datasets: [], partition: null, mode: 'run' },
    ...more,
  }
}

/** A catalog whose clock shows what the test says. */
async function setClock({ admin }: TestCatalog, time: string): Promise<void> {
  await admin(
    `CREATE OR REPLACE FUNCTION millrace_now() RETURNS timestamptz LANGUAGE sql VOLATILE
     AS 'SELECT timestamptz ''${new Date(time).toISOString()}'''`,
  )
}

async function schedule(
  catalog: Catalog,
  tenant: Tenant,
  after: string,
  definition: ScheduleDefinition,
  name = 'nightly',
): Promise<string> {
  const id = `sch_${name}`
  await catalog.asTenant(tenant, (session) =>
    createTrigger(session, {
      id,
      kind: 'schedule',
      name,
      definition,
      createdBy: 'test',
      ...nextFiring(id, definition, new Date(after)),
    }),
  )
  return id
}

const look = (catalog: Catalog, most = 200) => tick({ catalog, datasets: () => [] }, most)

async function firings(catalog: Catalog, tenant: Tenant, id: string): Promise<string[]> {
  const all = await catalog.asTenant(tenant, (session) => listFirings(session, id, 1000))
  return all
    .toReversed()
    .map(({ dueAt, cause, state }) => `${dueAt.toISOString().slice(0, 16)} ${cause} ${state}`)
}

eachEngine((engine) => {
  const open = suiteCatalog(engine)

  test('a schedule fires when its time has come, once, and then waits for the next', async () => {
    const { catalog, admin } = open()
    const tenant = await createTenant(catalog, 'acme')
    const id = await schedule(catalog, tenant, '2026-01-01T00:30Z', buildSchedule())
    await setClock(open(), '2026-01-01T00:59:59Z')
    assert.equal(await look(catalog), 0)
    await setClock(open(), '2026-01-01T01:00:01Z')
    assert.equal(await look(catalog), 1)
    assert.equal(await look(catalog), 0)
    assert.deepEqual(await firings(catalog, tenant, id), ['2026-01-01T01:00 due started'])
    const tasks = await admin<{ kind: string; partition: string }>(
      `SELECT kind, partition FROM task WHERE state = 'ready' AND dataset = '(schedule)'`,
    )
    assert.deepEqual(tasks, [{ kind: 'trigger', partition: `${id} 2026-01-01T01:00:00.000Z` }])
    const { nextAt } = await catalog.asTenant(tenant, (s) => getTrigger(s, 'schedule', 'nightly'))
    assert.equal(nextAt?.toISOString(), '2026-01-01T02:00:00.000Z')
  })

  for (const [catchUp, expected] of [
    ['none', ['2026-01-01T05:00 due missed']],
    ['last', ['2026-01-01T04:00 due missed', '2026-01-01T05:00 caught-up started']],
    [
      'all',
      [
        '2026-01-01T03:00 due missed',
        '2026-01-01T04:00 caught-up started',
        '2026-01-01T05:00 caught-up started',
      ],
    ],
  ] as const) {
    test(`after a downtime, catch-up ${catchUp} makes up for what it says and names the rest`, async () => {
      const { catalog } = open()
      const tenant = await createTenant(catalog, 'acme')
      const definition = buildSchedule({ catchUp, catchUpMost: 2 })
      const id = await schedule(catalog, tenant, '2026-01-01T00:30Z', definition)
      await setClock(open(), '2026-01-01T05:10Z')
      await look(catalog)
      assert.deepEqual(await firings(catalog, tenant, id), expected)
      const [missed] = (
        await catalog.asTenant(tenant, (session) => listFirings(session, id, 10))
      ).filter(({ state }) => state === 'missed')
      assert.match(missed?.detail ?? '', /missed: 2026-01-01T01:00:00.000Z, 2026-01-01T02/)
    })
  }

  test('a year without a scheduler is counted, not listed', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    const definition = buildSchedule({ cron: '* * * * *', catchUp: 'last' })
    const id = await schedule(catalog, tenant, '2025-01-01T00:00Z', definition)
    await setClock(open(), '2026-01-01T00:00:30Z')
    await look(catalog)
    assert.deepEqual(await firings(catalog, tenant, id), [
      '2025-12-31T23:59 due missed',
      '2026-01-01T00:00 due started',
    ])
  })

  test('a schedule that cannot be understood says so, and keeps no other from firing', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    const id = await schedule(catalog, tenant, '2026-01-01T00:30Z', buildSchedule())
    await schedule(catalog, tenant, '2026-01-01T00:30Z', buildSchedule(), 'broken')
    await open().admin(
      `UPDATE trigger SET definition = '{"cron":"often","zone":"UTC"}' WHERE name = 'broken'`,
    )
    await setClock(open(), '2026-01-01T01:00:01Z')
    await look(catalog)
    assert.equal((await firings(catalog, tenant, id)).length, 1)
    const broken = await catalog.asTenant(tenant, (s) => getTrigger(s, 'schedule', 'broken'))
    assert.match(broken.error?.message ?? '', /"often" is no cron expression/)
  })

  test('three schedulers at once fire each due time of many schedules once', async () => {
    const { catalog, admin } = open()
    const tenants = await Promise.all(['a', 'b', 'c'].map((slug) => createTenant(catalog, slug)))
    const expected = new Set<string>()
    for (const [index, tenant] of tenants.entries()) {
      for (let count = 0; count < 10; count++) {
        const definition = buildSchedule({
          cron: `${(index + count) % 3 === 0 ? '*/20' : '30'} * * * *`,
        })
        await schedule(catalog, tenant, '2026-01-01T00:00Z', definition, `s${count}`)
        const minutes = (index + count) % 3 === 0 ? [0, 20, 40] : [30]
        for (let hour = 0; hour <= 6; hour++) {
          for (const minute of minutes) {
            const due = Date.UTC(2026, 0, 1, hour, minute)
            if (due > Date.UTC(2026, 0, 1) && due <= Date.UTC(2026, 0, 1, 6)) {
              expected.add(`${tenant.id} sch_s${count} ${new Date(due).toISOString()}`)
            }
          }
        }
      }
    }
    for (let now = Date.UTC(2026, 0, 1); now <= Date.UTC(2026, 0, 1, 6); now += HOUR_MS / 6) {
      await setClock(open(), new Date(now).toISOString())
      await Promise.all([look(catalog, 7), look(catalog, 7), look(catalog, 7)])
      for (let due = 1; due > 0;) due = await look(catalog, 7)
    }
    const fired = await admin<{ name: string }>(
      `SELECT tenant_id || ' ' || partition AS name FROM task WHERE dataset = '(schedule)'`,
    )
    assert.deepEqual(fired.map(({ name }) => name).toSorted(), [...expected].toSorted())
  })
})
