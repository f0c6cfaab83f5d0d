import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'

import { openCatalog } from '#catalog/open.ts'
import { readSet } from '#catalog/files.ts'
import { tenantBySlug } from '#catalog/tenants.ts'
import { testParts } from '../../test/support/database.ts'
import { pgliteTemplate } from '../../test/support/pglite-template.ts'

/** Publishes one partition after the other, and says so when each is acknowledged. */
const script = `
  import { openCatalog } from '#catalog/open.ts'
  import { createTenant } from '#catalog/tenants.ts'
  import { testParts } from './test/support/database.ts'
  import { buildRun, buildTask, claimBatch, publishBatch } from './test/support/catalog-builders.ts'
  const [folder, template] = process.argv.slice(-2)
  const catalog = await openCatalog({ folder, template }, testParts)
  const tenant = await createTenant(catalog, 'acme')
  for (let key = 1; ; key++) {
    await buildRun(catalog, tenant, [buildTask('days', String(key))])
    await publishBatch(catalog, tenant, await claimBatch(catalog))
    process.stdout.write(key + '\\n')
  }
`

test('an embedded catalog whose process is killed has every publish that was acknowledged, whole', async (t) => {
  const home = await mkdtemp(join(tmpdir(), 'millrace-crash-'))
  const closers: (() => Promise<void>)[] = []
  t.after(async () => {
    for (const close of closers) await close()
    await rm(home, { recursive: true, force: true })
  })
  const folder = join(home, 'catalog')
  const child = spawn(
    process.execPath,
    ['--input-type=module-typescript', '--eval', script, folder, await pgliteTemplate()],
    { cwd: join(import.meta.dirname, '../..'), stdio: ['ignore', 'pipe', 'inherit'] },
  )
  t.after(() => void child.kill('SIGKILL'))
  let acknowledged = 0
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged = Number(line)
    if (acknowledged === 25) child.kill('SIGKILL')
  }
  assert.ok(acknowledged >= 25)

  const catalog = await openCatalog({ folder }, testParts)
  closers.push(() => catalog.close())
  const tenant = await tenantBySlug(catalog, 'acme')
  assert.ok(tenant)
  const set = await catalog.asTenant(tenant, (session) => readSet(session, 'days', null))
  const keys = set.partitions.map(({ partition }) => Number(partition)).toSorted((a, b) => a - b)
  assert.deepEqual(
    keys.slice(0, acknowledged),
    Array.from({ length: acknowledged }, (_, index) => index + 1),
  )
  assert.ok(keys.length <= acknowledged + 1, 'at most the one that was under way')
  assert.equal(set.commitNumber, keys.length)
  assert.ok(set.partitions.every(({ files }) => files.length === 1))
})
