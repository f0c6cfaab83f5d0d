import { createWriteStream } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { TestContext } from 'node:test'

import { exportTenant } from '#archive/export-tenant.ts'
import type { Manifest } from '#archive/manifest.ts'
import type { ArchiveParts } from '#archive/parts.ts'
import { appendAudit } from '#catalog/audit.ts'
import { createTenant } from '#catalog/tenants.ts'
import { systemClock } from '#kernel/clock.ts'
import { sha256 } from '#kernel/hash.ts'
import { createIds } from '#kernel/ids.ts'
import { silentLogger } from '#kernel/logger.ts'
import { systemRandom } from '#kernel/random.ts'
import { openDiskLake } from '#lake/disk-lake.ts'
import { filePath } from '#lake/file-path.ts'
import type { Lake } from '#lake/lake.ts'
import type { Tenant } from '#model/tenant.ts'
import { backgroundTask, postTask } from './background-builders.ts'
import { buildOrigin, buildRun, buildTask, claimBatch, publishBatch } from './catalog-builders.ts'
import type { TestCatalog, TestEngine } from './database.ts'
import { buildFolder } from './open-parts.ts'

export interface Place extends ArchiveParts, TestCatalog {
  readonly folder: string
}

/** A catalog and a lake of the test's own, on this disk unless it brings one. */
export async function buildPlace(t: TestContext, engine: TestEngine, lake?: Lake): Promise<Place> {
  const folder = await buildFolder(t)
  const opened = await engine.open(t)
  return {
    ...opened,
    folder,
    lake: lake ?? (await openDiskLake({ folder: join(folder, 'lake'), clock: systemClock })),
    clock: systemClock,
    ids: createIds(systemClock, systemRandom),
    log: silentLogger,
    random: systemRandom,
    scratchFolder: join(folder, 'scratch'),
  }
}

/** Stands in every text of a stocked tenant. */
export const CANARY = 'canary-7f3a'

/**
 * A tenant with a row in nearly every table and a file in the lake; `open` leaves work that waits, is
 * ready and runs.
 */
export async function buildStockedTenant(
  place: Place,
  slug: string,
  { open = false } = {},
): Promise<Tenant> {
  const { catalog, admin, lake } = place
  const tenant = await createTenant(catalog, slug)
  const { taskIds } = await buildRun(catalog, tenant, [
    buildTask('events', '2021-04', [], { reason: `${CANARY} reason` }),
    buildTask('events_by_month', '2021-04', [0]),
  ])
  await publishFile(place, tenant, await claimBatch(catalog, { tenantId: tenant.id }))
  await publishFile(place, tenant, await claimBatch(catalog, { tenantId: tenant.id }))
  await postTask(catalog, tenant, { payload: JSON.stringify({ text: CANARY, null: null }) })
  await catalog.asTenant(tenant, async (session) => {
    for (const name of ['first', 'second']) {
      await appendAudit(session, {
        actor: `user ${CANARY}@example.com`,
        action: 'keys.create',
        detail: JSON.stringify({ name, canary: CANARY }),
        requestId: null,
      })
    }
  })
  const id = tenant.id
  await admin(
    `INSERT INTO source_option VALUES ($1, 'events',
       '{"location": "s3://${CANARY}/{yyyy}/{MM}.csv", "accessKeyId": "a", "secretAccessKey": "open-secret"}')`,
    [id],
  )
  await admin(
    `INSERT INTO call_handler (tenant_id, name, url, secret, timeout_ms)
     VALUES ($1, '${CANARY}', 'https://example.com/', 'open-secret', 1000)`,
    [id],
  )
  await admin(`INSERT INTO callback_secret VALUES ($1, 'open-secret')`, [id])
  await admin(
    `INSERT INTO api_key (tenant_id, id, name, hash, permissions)
     VALUES ($1, 'mk_one', '${CANARY}', sha256('open-secret ${slug}'), '{read}')`,
    [id],
  )
  await admin(
    `INSERT INTO trigger (tenant_id, id, kind, name, definition, created_by, due_at, next_at)
     VALUES ($1, 'trg_1', 'schedule', '${CANARY}', '{"cron": "0 4 * * *"}', 'test',
       '2031-01-01', '2031-01-01')`,
    [id],
  )
  await admin(
    `INSERT INTO task_log (tenant_id, task_id, attempt, at, level, message)
     VALUES ($1, $2, 1, '2021-04-01 12:00:00.123456+00', 'info', $3)`,
    [id, taskIds[0], `${CANARY} "quoted" \\ back\n\tslash \u{1f98a}`],
  )
  await admin(
    `INSERT INTO queue_limit (tenant_id, scope, value, running_max, by_operator)
     VALUES ($1, 'tag', '${CANARY}', 3, true)`,
    [id],
  )
  await admin(`INSERT INTO subject_key VALUES ($1, sha256('${slug}'), 7)`, [id])
  await admin(
    `INSERT INTO subject_rule (tenant_id, kind, hash, state, bytes, value)
     VALUES ($1, 'user', md5('one'), 'off', 3, '${CANARY}'), ($1, 'user', md5('two'), 'erased', 3, NULL)`,
    [id],
  )
  await admin(`INSERT INTO user_account (id, email, name) VALUES ($1, $2, '${CANARY}')`, [
    `usr_${slug}`,
    `anna@${slug}.example.com`,
  ])
  await admin(
    `INSERT INTO mail (tenant_id, id, recipient, template, data)
     VALUES (NULL, $1, $2, 'reset', '{"name": "${CANARY}"}')`,
    [`mail_${slug}`, `anna@${slug}.example.com`],
  )
  await admin(`INSERT INTO membership (tenant_id, user_id, role) VALUES ($1, $2, 'owner')`, [
    id,
    `usr_${slug}`,
  ])
  // JSON's null is not SQL's, and numbers are exact.
  await admin(
    `UPDATE version SET origin = NULL, observed = 'null', inputs = '[12345678901234567890.0123]'
     WHERE tenant_id = $1 AND dataset = 'events_by_month'`,
    [id],
  )
  await admin(`UPDATE background_task SET progress = 'null' WHERE tenant_id = $1`, [id])
  if (open) await leaveOpen(place, tenant)
  else
    await admin(
      `UPDATE task SET state = 'done', ended_at = now() WHERE tenant_id = $1 AND run_id = ''`,
      [id],
    )
  await lake.usage()
  return tenant
}

async function publishFile(
  { catalog, lake, ids }: Place,
  tenant: Tenant,
  batch: Awaited<ReturnType<typeof claimBatch>>,
): Promise<void> {
  const [first] = batch
  if (!first) throw new Error('nothing was claimed')
  const bytes = Buffer.from(`${CANARY} ${first.dataset} ${tenant.slug}\n`.repeat(5000))
  const attempt = ids.next('attempt')
  const staged = join(await lake.staging(attempt), 'data.parquet')
  await writeFile(staged, bytes)
  const file = { path: staged, sizeBytes: bytes.length, sha256: sha256(bytes), rows: 5 }
  const path = filePath({
    tenant,
    dataset: first.dataset,
    firstPartition: first.partition,
    taskId: first.id,
    fence: first.fence,
    role: 'data',
  })
  await lake.adopt(file, path)
  await lake.discardStaging(attempt)
  const { sizeBytes, rows } = file
  await publishBatch(
    catalog,
    tenant,
    batch,
    { origin: buildOrigin({ location: `s3://${CANARY}/events.csv` }) },
    { files: [{ path, sizeBytes, sha256: file.sha256, rows, role: 'data' }] },
  )
}

async function leaveOpen({ catalog }: Place, tenant: Tenant): Promise<void> {
  await buildRun(catalog, tenant, [
    buildTask('events', '2021-05'),
    buildTask('events_by_month', '2021-05', [0]),
  ])
  await claimBatch(catalog, { tenantId: tenant.id })
  await buildRun(catalog, tenant, [buildTask('events', '2021-06')])
  await catalog.asTenant(tenant, async () => {})
  await postTask(catalog, tenant, backgroundTask({ callbackUrl: 'https://example.com/hook' }))
}

/** Exports a tenant into a file of the place's folder. */
export async function exportToFile(
  place: Place,
  tenant: Tenant,
  name = `${tenant.slug}.tar`,
): Promise<{ path: string; manifest: Manifest; sizeBytes: number }> {
  await mkdir(place.folder, { recursive: true })
  const path = join(place.folder, name)
  const archive = await exportTenant(place, tenant)
  await pipeline(archive.open(), createWriteStream(path))
  return { path, manifest: archive.manifest, sizeBytes: archive.sizeBytes }
}

/** Every row of a tenant, and every file of it, as text. */
export async function tenantTexts(place: Place, tenant: Tenant): Promise<string[]> {
  const rows: string[] = []
  for (const { name } of await tables(place)) {
    const found = await place.admin<{ text: string }>(
      `SELECT t::text AS text FROM millrace."${name}" t WHERE tenant_id = $1 ORDER BY 1`,
      [tenant.id],
    )
    rows.push(...found.map(({ text }) => `${name} ${text}`))
  }
  return rows
}

/** Every row of every table, as the superuser sees it. */
export async function textsOfDatabase(place: Place): Promise<{ table: string; text: string }[]> {
  const rows: { table: string; text: string }[] = []
  const all = await place.admin<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'millrace'::regnamespace AND relkind = 'r'`,
  )
  for (const { name } of all) {
    const found = await place.admin<{ text: string }>(
      `SELECT t::text AS text FROM millrace."${name}" t`,
    )
    rows.push(...found.map(({ text }) => ({ table: name, text })))
  }
  return rows
}

function tables(place: Place): Promise<{ name: string }[]> {
  return place.admin<{ name: string }>('SELECT name FROM archive_tables()')
}
