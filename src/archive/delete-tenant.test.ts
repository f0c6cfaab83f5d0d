import assert from 'node:assert/strict'
import { test } from 'node:test'

import { deleteDueTenant } from '#archive/delete-tenant.ts'
import {
  askDeletion,
  claimDeletion,
  listDeletions,
  withdrawDeletion,
} from '#catalog/archive-deletion.ts'
import { auditHead } from '#catalog/audit.ts'
import { createTenant, tenantBySlug } from '#catalog/tenants.ts'
import { MillraceError } from '#kernel/errors.ts'
import {
  buildPlace,
  buildStockedTenant,
  CANARY,
  tenantTexts,
  textsOfDatabase,
  type Place,
} from '../../test/support/archive-builders.ts'
import { eachEngine } from '../../test/support/database.ts'

const DAY_MS = 86_400_000

const ask = ({ catalog }: Place, tenantId: number, graceMs: number) =>
  catalog.asSystem((session) => askDeletion(session, tenantId, 'operator', graceMs))
const proofOf = async ({ catalog }: Place, slug: string) => {
  const [proof] = await catalog.asSystem((session) =>
    listDeletions(session, { slug, after: '', limit: 1 }),
  )
  return proof
}

eachEngine((engine) => {
  test('of a deleted tenant nothing is left but the proof, and others are as they were', async (t) => {
    const place = await buildPlace(t, engine)
    const tenant = await buildStockedTenant(place, 'acme')
    // Its rows say the canary as well, so they are counted before.
    const other = await buildStockedTenant(place, 'other')
    const texts = await tenantTexts(place, other)
    const canaries = async () =>
      (await textsOfDatabase(place)).filter(({ text }) => text.includes(CANARY)).length
    const ofBoth = await canaries()
    const head = await place.catalog.asTenant(tenant, auditHead)
    await place.admin(`UPDATE queue_limit SET rate_max = 5, rate_ms = 1000 WHERE tenant_id = $1`, [
      tenant.id,
    ])

    await ask(place, tenant.id, 0)
    assert.equal(await deleteDueTenant(place), 'acme')

    assert.deepEqual(await tenantTexts(place, other), texts)
    const mine = (await textsOfDatabase(place)).filter(({ table }) => table !== 'tenant_deletion')
    assert.equal(mine.filter(({ text }) => text.includes('acme')).length, 0)
    assert.equal(await canaries(), ofBoth / 2)
    assert.deepEqual((await place.lake.usage()).files, 2)
    const proof = await proofOf(place, 'acme')
    assert.equal(proof?.state, 'done')
    assert.deepEqual(proof.rowsAfter, {})
    assert.equal(proof.rowsBefore?.['version'], 2)
    assert.equal(proof.files, 2)
    assert.ok((proof.bytes ?? 0) > 100_000)
    assert.deepEqual([proof.auditSeq, proof.auditHash], [head.seq, head.hash])

    assert.equal(await tenantBySlug(place.catalog, 'acme'), null)
    await assert.rejects(
      createTenant(place.catalog, 'acme'),
      (error) => error instanceof MillraceError && error.code === 'tenant-exists',
    )
    assert.equal(await deleteDueTenant(place), null)
  })

  test('it waits for the end of its days, and can be kept until then', async (t) => {
    const place = await buildPlace(t, engine)
    const tenant = await buildStockedTenant(place, 'acme')
    await ask(place, tenant.id, 7 * DAY_MS)
    const state = async () =>
      (
        await place.admin<{ state: string }>('SELECT state FROM tenant WHERE id = $1', [tenant.id])
      )[0]?.state
    assert.equal(await state(), 'deleting')
    assert.equal(await deleteDueTenant(place), null)
    const former = await place.catalog.asSystem((session) => withdrawDeletion(session, tenant.id))
    assert.deepEqual(former, { state: 'active', reason: null })
    assert.equal(await proofOf(place, 'acme'), undefined)

    await ask(place, tenant.id, 7 * DAY_MS)
    await place.shiftClock(8 * DAY_MS)
    assert.equal(await deleteDueTenant(place), 'acme')
  })

  test('whoever takes over from a process that died brings it to its end, and the dead one is fenced', async (t) => {
    const place = await buildPlace(t, engine)
    const tenant = await buildStockedTenant(place, 'acme', { open: true })
    await ask(place, tenant.id, 0)
    // A task runs: it is told to stop, and removing waits for it.
    assert.equal(await deleteDueTenant(place), null)
    const [told] = await place.admin<{ tasks: number }>(
      `SELECT count(*) AS tasks FROM task WHERE tenant_id = $1 AND state = 'running' AND cancel_requested`,
      [tenant.id],
    )
    assert.equal(told?.tasks, 1)
    await place.shiftClock(3_600_000)
    for (let transactions = 1; transactions < 60; transactions += 9) {
      let left = transactions
      const { catalog } = place
      const dying = {
        ...place,
        catalog: {
          ...catalog,
          asSystem: <T>(work: Parameters<typeof catalog.asSystem<T>>[0]) => {
            if (left-- <= 0) return Promise.reject(new Error('the process died'))
            return catalog.asSystem(work)
          },
        },
      }
      await assert.rejects(deleteDueTenant(dying), /the process died/)
      assert.equal(await deleteDueTenant(place), null, 'its lease is held')
      await place.shiftClock(3_600_000 + transactions * 120_000)
    }
    const stale = await place.catalog.asSystem((session) => claimDeletion(session, null, 1))
    await place.shiftClock(100 * 3_600_000)
    assert.equal(await deleteDueTenant(place), 'acme')
    const proof = await proofOf(place, 'acme')
    assert.equal(proof?.rowsBefore?.['version'], 2)
    assert.equal(proof.files, 2)
    assert.ok(stale)
  })
})
