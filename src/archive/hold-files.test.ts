import assert from 'node:assert/strict'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'

import { exportTenant } from '#archive/export-tenant.ts'
import { readTar } from '#archive/tar-read.ts'
import { sweepLake } from '#factory/sweep-lake.ts'
import { MillraceError } from '#kernel/errors.ts'
import { buildPlace, buildStockedTenant } from '../../test/support/archive-builders.ts'
import { eachEngine } from '../../test/support/database.ts'

eachEngine((engine) => {
  test('what an archive holds is not swept while it is read, and not for longer', async (t) => {
    const place = await buildPlace(t, engine)
    const tenant = await buildStockedTenant(place, 'acme')
    const archive = await exportTenant(place, tenant)
    // Replaced long ago: the sweeper would take them now.
    await place.admin('UPDATE partition_pointer SET version_id = NULL')
    await place.admin(`UPDATE version SET retired_at = now() - interval '1 year'`)
    const held = await sweepLake(place, 0)
    assert.equal(held.versions.files, 0)
    // A run that goes on meanwhile does not change what was collected.
    await place.admin(`DELETE FROM task_log`)
    const bytes = await buffer(archive.open())
    assert.equal(bytes.length, archive.sizeBytes)
    const swept = await sweepLake(place, 0)
    assert.equal(swept.versions.files, 2)
    const holds = await place.admin('SELECT FROM archive_hold')
    assert.equal(holds.length, 0)
  })

  test('a reader that goes away, and a file that is gone, end it and leave nothing behind', async (t) => {
    const place = await buildPlace(t, engine)
    const tenant = await buildStockedTenant(place, 'acme')
    const left = async () => ({
      holds: (await place.admin('SELECT FROM archive_hold')).length,
      files: (await place.lake.usage()).files,
    })
    const first = await exportTenant(place, tenant)
    for await (const chunk of first.open()) {
      assert.ok((chunk as Buffer).length > 0)
      break
    }
    await first.close()
    assert.deepEqual(await left(), { holds: 0, files: 2 })

    await place.lake.removeTenant('acme')
    const second = await exportTenant(place, tenant)
    const entries = async () => {
      for await (const { body } of readTar(second.open())) await Array.fromAsync(body)
    }
    await assert.rejects(
      entries(),
      (error) => error instanceof MillraceError && error.code === 'file-missing',
    )
    await second.close()
    assert.deepEqual(await left(), { holds: 0, files: 0 })
    const third = await exportTenant(place, tenant)
    await third.close()
    assert.deepEqual(await left(), { holds: 0, files: 0 })
  })
})
