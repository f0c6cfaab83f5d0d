import assert from 'node:assert/strict'
import { createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { test } from 'node:test'

import { exportTenant } from '#archive/export-tenant.ts'
import { restoreTenant } from '#archive/restore-tenant.ts'
import { tenantBySlug } from '#catalog/tenants.ts'
import { replayErasures } from '#subjects/replay.ts'
import { filesHolding } from '../../test/support/lake-bytes.ts'
import { waitForEnd } from '../../test/support/open-parts.ts'
import { publishedRows } from '../../test/support/published.ts'
import { buildSubjectWorld } from '../../test/support/subject-world.ts'

const PERSON = 'Canary Canaryson'

test('who was erased after the archive was made does not come back with it', async (t) => {
  const world = await buildSubjectWorld(t)
  const { millrace } = world
  const { parts, tenant } = millrace
  const rows = Array.from({ length: 40 }, (_, n) => {
    const who = n % 2 === 0 ? PERSON : 'bob'
    return `${n},2021-03-${String(1 + (n % 28)).padStart(2, '0')},${who},1,${n}`
  })
  await world.write('2021-03', rows)
  await millrace.runWell({ datasets: ['visits'], partitions: ['2021-03'] })

  const scratchFolder = join(world.folder, 'scratch')
  const file = join(world.folder, 'tenant.tar')
  const archive = await exportTenant({ ...parts, scratchFolder }, tenant)
  await pipeline(archive.open(), createWriteStream(file))
  assert.ok((await readFile(file)).includes(PERSON) || archive.manifest.files > 0)
  const lake = join(millrace.home, 'lake')
  assert.ok((await filesHolding(join(lake, tenant.slug), PERSON)).length > 0)
  await world.erase('person', PERSON)
  assert.deepEqual(await filesHolding(join(lake, tenant.slug), PERSON), [])

  let heldBefore = 0
  const { signal } = new AbortController()
  const restored = await restoreTenant(
    { ...parts, scratchFolder },
    {
      file,
      slug: 'copy',
      by: 'operator',
      async replayErasures(copy) {
        heldBefore = (await filesHolding(join(lake, 'copy'), PERSON)).length
        assert.equal(await tenantBySlug(parts.catalog, 'copy'), null)
        await replayErasures(parts.deployed.current(), copy, { by: 'operator', signal })
      },
    },
  )
  assert.ok(heldBefore > 0, 'the archive brought the person')
  assert.deepEqual(await filesHolding(join(lake, 'copy'), PERSON), [])
  const copy = { ...millrace, tenant: restored.tenant }
  assert.equal((await publishedRows(copy, 'visits')).length, 20)

  // Results that were computed with the person are computed again, from the same file.
  const request = { datasets: ['visits'], partitions: ['2021-03'], mode: 'run' as const }
  const why = { cause: 'test', title: 'test' }
  const { run } = await parts.factory.start(restored.tenant, request, why)
  const view = await waitForEnd(parts, restored.tenant, run?.id ?? '')
  assert.equal(view.run.state, 'done')
  assert.deepEqual(await filesHolding(join(lake, 'copy'), PERSON), [])
  const people = await publishedRows(copy, 'people_by_month')
  assert.deepEqual(
    people.map(({ who, n }) => [who, Number(n)]),
    [['bob', 20]],
  )
})
