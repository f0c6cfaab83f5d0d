import assert from 'node:assert/strict'
import { stat } from 'node:fs/promises'
import { test } from 'node:test'

import type { Manifest } from '#archive/manifest.ts'
import { clearLapsedRestore } from '#archive/clear-draft.ts'
import { restoreTenant } from '#archive/restore-tenant.ts'
import { verifyArchive } from '#archive/verify-archive.ts'
import { createTenant, tenantBySlug } from '#catalog/tenants.ts'
import { MillraceError } from '#kernel/errors.ts'
import {
  buildPlace,
  buildStockedTenant,
  exportToFile,
  tenantTexts,
} from '../../test/support/archive-builders.ts'
import { eachEngine } from '../../test/support/database.ts'

const asOperator = { by: 'operator', replayErasures: () => Promise.resolve() }
const coded = (code: string) => (error: unknown) =>
  error instanceof MillraceError && error.code === code

/** By path; secrets are taken out of source options, which are written anew. */
const hashes = ({ entries }: Manifest, without: readonly string[]) =>
  Object.fromEntries(
    entries
      .filter(({ path }) => !without.some((table) => path === `catalog/${table}.ndjson`))
      .map(({ path, sha256 }) => [path, sha256]),
  )

eachEngine((engine) => {
  test('a restored tenant has the same rows and files, byte for byte, and nobody finds it before', async (t) => {
    const from = await buildPlace(t, engine)
    const tenant = await buildStockedTenant(from, 'acme')
    const { path, manifest, sizeBytes } = await exportToFile(from, tenant)
    assert.equal((await stat(path)).size, sizeBytes)
    assert.deepEqual(await verifyArchive(path), manifest)
    assert.equal(manifest.files, 2)

    const to = await buildPlace(t, engine)
    const other = await buildStockedTenant(to, 'other')
    const before = await tenantTexts(to, other)
    let seen: unknown = 'not asked'
    const restored = await restoreTenant(to, {
      file: path,
      slug: 'acme-2',
      by: 'operator',
      async replayErasures() {
        seen = await tenantBySlug(to.catalog, 'acme-2')
      },
    })
    assert.equal(seen, null)
    assert.deepEqual(await tenantBySlug(to.catalog, 'acme-2'), restored.tenant)
    const again = await exportToFile(to, restored.tenant)
    const changing = ['audit', 'audit_head', 'trigger', 'source_option']
    assert.deepEqual(hashes(again.manifest, changing), hashes(manifest, changing))
    assert.equal(again.manifest.audit.seq, manifest.audit.seq + 1)
    assert.equal(again.manifest.commitNumber, manifest.commitNumber)
    assert.deepEqual(await tenantTexts(to, other), before)

    const [option] = await to.admin<{ options: unknown }>(
      'SELECT options FROM source_option WHERE tenant_id = $1',
      [restored.tenant.id],
    )
    const location = 's3://canary-7f3a/{yyyy}/{MM}.csv'
    assert.deepEqual(option?.options, { location, accessKeyId: 'a' })
    assert.deepEqual(manifest.enterAgain.toSorted(), [
      'handler canary-7f3a (https://example.com/)',
      'key canary-7f3a (mk_one)',
      'source_option events: options.secretAccessKey',
    ])
    const [trigger] = await to.admin<{ paused: boolean; next: Date | null }>(
      'SELECT paused_at IS NOT NULL AS paused, next_at AS next FROM trigger WHERE tenant_id = $1',
      [restored.tenant.id],
    )
    assert.deepEqual(trigger, { paused: true, next: null })

    // What is made from here on gets numbers of its own.
    await buildStockedTenant(to, 'third')
    await assert.rejects(
      restoreTenant(to, { file: path, slug: 'other', ...asOperator }),
      coded('tenant-exists'),
    )
  })

  test('what was open when the archive was made comes back cancelled, with the reason', async (t) => {
    const place = await buildPlace(t, engine)
    const tenant = await buildStockedTenant(place, 'acme', { open: true })
    const { path } = await exportToFile(place, tenant)
    const { tenant: copy } = await restoreTenant(place, {
      file: path,
      slug: 'copy',
      ...asOperator,
    })
    const states = await place.admin<{ states: Record<string, number> }>(
      `SELECT jsonb_object_agg(state, tasks) AS states FROM (
         SELECT state, count(*) AS tasks FROM task WHERE tenant_id = $1 GROUP BY state) AS s`,
      [copy.id],
    )
    assert.deepEqual(states[0]?.states, { done: 2, cancelled: 5 })
    const [runs] = await place.admin<{ open: number; running: number; cancelled: number }>(
      `SELECT sum(open) AS open, count(*) FILTER (WHERE state = 'running') AS running,
         (SELECT sum(cancelled) FROM run_dataset WHERE tenant_id = $1) AS cancelled
       FROM run WHERE tenant_id = $1`,
      [copy.id],
    )
    assert.deepEqual(runs, { open: 0, running: 0, cancelled: 3 })
    const [open] = await place.admin<{ tasks: number; attempts: number; callbacks: number }>(
      `SELECT (SELECT count(*) FROM task WHERE tenant_id = $1 AND error ->> 'code' = 'task-not-restored') AS tasks,
         (SELECT count(*) FROM attempt WHERE tenant_id = $1 AND state = 'running') AS attempts,
         (SELECT count(*) FROM task_callback WHERE tenant_id = $1 AND state = 'waiting') AS callbacks`,
      [copy.id],
    )
    assert.deepEqual(open, { tasks: 5, attempts: 0, callbacks: 0 })
    // The tenant that was exported goes on.
    const [original] = await place.admin<{ tasks: number }>(
      `SELECT count(*) AS tasks FROM task
       WHERE tenant_id = $1 AND state IN ('waiting', 'ready', 'running')`,
      [tenant.id],
    )
    assert.equal(original?.tasks, 5)
  })

  test('a restore that is cut off leaves nothing to be seen, and the next one clears up', async (t) => {
    const place = await buildPlace(t, engine)
    const tenant = await buildStockedTenant(place, 'acme')
    const { path } = await exportToFile(place, tenant)
    const request = { file: path, slug: 'copy', ...asOperator }
    const tables = () => place.admin<{ n: number }>('SELECT count(*) AS n FROM tenant')
    const before = await tables()
    const isInTheMiddle = async () => {
      const [found] = await place.admin<{ n: number }>(
        'SELECT count(*) AS n FROM tenant_restore r JOIN version v ON v.tenant_id = r.draft_id',
      )
      return (found?.n ?? 0) > 0
    }
    // As a process that dies would leave it: neither cleared up nor let go of.
    const dead = { ...place, catalog: dies(place.catalog, isInTheMiddle) }
    await assert.rejects(restoreTenant(dead, request), /the process died/)
    assert.equal(await tenantBySlug(place.catalog, 'copy'), null)
    await assert.rejects(createTenant(place.catalog, 'copy'), coded('tenant-exists'))
    await assert.rejects(restoreTenant(place, request), coded('restore-under-way'))
    await place.shiftClock(120_000)
    assert.equal(await clearLapsedRestore(place), null, 'somebody may try again')
    const { tenant: copy } = await restoreTenant(place, request)
    assert.equal((await tables())[0]?.n, (before[0]?.n ?? 0) + 1)
    const [twice] = await place.admin<{ n: number }>(
      'SELECT count(*) AS n FROM version WHERE tenant_id = $1',
      [copy.id],
    )
    assert.equal(twice?.n, 2)

    const other = { ...request, slug: 'third' }
    await assert.rejects(restoreTenant(dead, other), /the process died/)
    await place.shiftClock(120_000 + 2 * 3_600_000)
    assert.equal(await clearLapsedRestore(place), 'third')
    assert.equal((await tables())[0]?.n, (before[0]?.n ?? 0) + 1)
    assert.equal((await place.lake.tenantUsage('third')).files, 0)
    assert.equal((await place.lake.tenantUsage('copy')).files, 2)
  })
})

/** A catalog whose connections are gone from some moment on. */
function dies<Some extends { asSystem: unknown; asTenant: unknown }>(
  catalog: Some,
  isDead: () => Promise<boolean>,
): Some {
  const dying = (name: 'asSystem' | 'asTenant') =>
    async function (...given: readonly unknown[]): Promise<unknown> {
      if (await isDead()) throw new Error('the process died')
      return (catalog[name] as (...args: readonly unknown[]) => Promise<unknown>)(...given)
    }
  return { ...catalog, asSystem: dying('asSystem'), asTenant: dying('asTenant') }
}
