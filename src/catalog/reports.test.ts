import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Catalog } from '#catalog/catalog.ts'
import {
  claimReports,
  nextReportMs,
  settleReport,
  type ReportOutcome,
} from '#catalog/report-queue.ts'
import { createReport, findReport, listReportRuns, type NewReport } from '#catalog/reports.ts'
import { createTenant } from '#catalog/tenants.ts'
import { fullAccess } from '#model/access.ts'
import type { Tenant } from '#model/tenant.ts'
import { eachEngine, suiteCatalog } from '../../test/support/database.ts'

const LEASE_MS = 60_000

function buildReport(name: string, more: Partial<NewReport> = {}): NewReport {
  return {
    name,
    id: `rpt_${name}`,
    asked: { dataset: 'd' },
    question: {},
    wish: { format: 'csv', cells: 'raw', target: null, mail: [], attach: false, chart: null },
    cron: '@daily',
    zone: 'UTC',
    skipEmpty: true,
    onlyChanged: true,
    complete: true,
    askedBy: 'key mk_1',
    access: fullAccess,
    nextAt: new Date(0),
    ...more,
  }
}

const sent: ReportOutcome = {
  state: 'sent',
  receipt: 'rcp_1',
  deliveryId: 'dlv_1',
  rows: 1,
  detail: '',
  nextAt: null,
  fingerprint: 'rows 1',
}

function claim(catalog: Catalog, max = 10, share = 2) {
  return catalog.asSystem((session) => claimReports(session, { max, share, leaseMs: LEASE_MS }))
}

function publishSomething(catalog: Catalog, tenant: Tenant): Promise<unknown> {
  return catalog.asTenant(tenant, (session) =>
    session.query('UPDATE tenant SET last_commit = last_commit + 1 WHERE id = $1', [tenant.id]),
  )
}

eachEngine((engine) => {
  const open = suiteCatalog(engine)

  test('what is due is taken once, and a worker that has lost its lease changes nothing', async () => {
    const { catalog, shiftClock } = open()
    const tenant = await createTenant(catalog, 'once')
    await catalog.asTenant(tenant, (session) => createReport(session, buildReport('r')))
    const taken = (await Promise.all([claim(catalog), claim(catalog), claim(catalog)])).flat()
    assert.deepEqual(
      taken.map(({ name }) => name),
      ['r'],
    )
    const [late] = taken
    assert.ok(late)
    await shiftClock(LEASE_MS + 1_000)
    const [next] = await claim(catalog)
    assert.ok(next && next.fence > late.fence)
    const settle = (fence: number) =>
      catalog.asTenant(tenant, (session) => settleReport(session, { name: 'r', fence }, sent))
    assert.equal(await settle(late.fence), false)
    assert.equal(await settle(next.fence), true)
    assert.equal(await settle(next.fence), false)
    const runs = await catalog.asTenant(tenant, (session) =>
      listReportRuns(session, { report: 'r', after: null, limit: 10 }),
    )
    assert.equal(runs.length, 1)
    assert.deepEqual(await claim(catalog), [])
    assert.equal(await catalog.asSystem(nextReportMs), null)
  })

  test('a tenant with many has no more than its share at a time', async () => {
    const { catalog } = open()
    const [many, few] = [await createTenant(catalog, 'many'), await createTenant(catalog, 'few')]
    await catalog.asTenant(many, async (session) => {
      for (const name of ['a', 'b', 'c', 'd']) await createReport(session, buildReport(name))
    })
    await catalog.asTenant(few, (session) =>
      createReport(session, buildReport('z', { nextAt: new Date(1_000) })),
    )
    const taken = await claim(catalog, 4)
    assert.deepEqual(taken.map(({ name }) => name).toSorted(), ['a', 'b', 'z'])
    assert.deepEqual(await claim(catalog, 4), [])
  })

  test('a publish wakes reports of arrivals of its tenant alone, and those that are held', async () => {
    const { catalog, shiftClock } = open()
    const [own, other] = [await createTenant(catalog, 'own'), await createTenant(catalog, 'other')]
    for (const tenant of [own, other]) {
      await catalog.asTenant(tenant, async (session) => {
        await createReport(session, buildReport('arrival', { cron: null, nextAt: null }))
        await createReport(session, buildReport('daily', { nextAt: null }))
      })
    }
    await publishSomething(catalog, own)
    assert.deepEqual(await claim(catalog), [])
    await shiftClock(6_000)
    const [first, ...more] = await claim(catalog)
    assert.ok(first)
    assert.deepEqual([first.tenantSlug, first.name, more.length], ['own', 'arrival', 0])
    // Something more is published while it is under way: it is looked at again.
    await publishSomething(catalog, own)
    await catalog.asTenant(own, (session) =>
      settleReport(session, first, { ...sent, state: 'held' }),
    )
    await shiftClock(13_000)
    const [second] = await claim(catalog)
    assert.equal(second?.name, 'arrival')
    await catalog.asTenant(own, (session) =>
      settleReport(
        session,
        { name: 'arrival', fence: second?.fence ?? 0 },
        { ...sent, state: 'held' },
      ),
    )
    const report = await catalog.asTenant(own, (session) => findReport(session, 'arrival'))
    assert.deepEqual([report?.held, report?.runs, report?.nextAt], [true, 1, null])
  })
})
