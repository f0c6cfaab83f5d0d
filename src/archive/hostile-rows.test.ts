import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { test } from 'node:test'

import { MANIFEST_PATH, type Manifest } from '#archive/manifest.ts'
import { restoreTenant } from '#archive/restore-tenant.ts'
import { readTar } from '#archive/tar-read.ts'
import { TAR_END, tarHead, tarPadding } from '#archive/tar-write.ts'
import { MillraceError } from '#kernel/errors.ts'
import { sha256 } from '#kernel/hash.ts'
import {
  buildPlace,
  buildStockedTenant,
  exportToFile,
  tenantTexts,
  textsOfDatabase,
} from '../../test/support/archive-builders.ts'
import { eachEngine } from '../../test/support/database.ts'

type Rows = Map<string, string[]>

/** Writes an archive anew whose hashes are right, and whose rows are not. */
async function forge(
  path: string,
  to: string,
  change: (rows: Rows, manifest: Manifest) => void,
): Promise<void> {
  const bodies = new Map<string, Buffer>()
  for await (const { path: entry, body } of readTar(Readable.from([await readFile(path)]))) {
    bodies.set(entry, Buffer.concat(await Array.fromAsync(body)))
  }
  const manifest = JSON.parse(bodies.get(MANIFEST_PATH)?.toString() ?? '') as Manifest
  const rows: Rows = new Map(
    manifest.tables.map(({ name }) => [
      name,
      bodies.get(`catalog/${name}.ndjson`)?.toString().trimEnd().split('\n') ?? [],
    ]),
  )
  change(rows, manifest)
  for (const [table, lines] of rows) {
    bodies.set(`catalog/${table}.ndjson`, Buffer.from(`${lines.join('\n')}\n`))
    const known = manifest.tables.find(({ name }) => name === table)
    if (known) known.rows = lines.length
  }
  for (const { name } of manifest.tables) {
    const entry = `catalog/${name}.ndjson`
    if (!manifest.entries.some(({ path: at }) => at === entry)) {
      manifest.entries.push({ path: entry, sizeBytes: 0, sha256: '' })
    }
  }
  for (const entry of manifest.entries) {
    const bytes = bodies.get(entry.path) ?? Buffer.alloc(0)
    entry.sizeBytes = bytes.length
    entry.sha256 = sha256(bytes)
  }
  const head = Buffer.from(JSON.stringify(manifest))
  const all = [[MANIFEST_PATH, head] as const].concat(
    manifest.entries.map((entry) => [entry.path, bodies.get(entry.path) as Buffer] as never),
  )
  const blocks = all.flatMap(([at, bytes]) => [
    tarHead(at, bytes.length, 0),
    bytes,
    tarPadding(bytes.length),
  ])
  await writeFile(to, Buffer.concat([...blocks, TAR_END]))
}

const edit = (rows: Rows, table: string, change: (row: Record<string, unknown>) => void) => {
  const [first = '', ...others] = rows.get(table) ?? []
  const row = JSON.parse(first) as Record<string, unknown>
  change(row)
  rows.set(table, [JSON.stringify(row), ...others])
}

eachEngine((engine) => {
  test('rows that no honest archive has are refused by name, and nothing of them stays', async (t) => {
    const place = await buildPlace(t, engine)
    const tenant = await buildStockedTenant(place, 'acme')
    const { path } = await exportToFile(place, tenant)
    const texts = await tenantTexts(place, tenant)
    // How many tenants there are by state is counted, also down to none.
    const rowsOfAll = async () =>
      (await textsOfDatabase(place)).filter(({ table }) => table !== 'tenant_count').length
    const before = await rowsOfAll()
    const forged = `${path}.forged`
    const cases: [string, string, RegExp, (rows: Rows, manifest: Manifest) => void][] = [
      [
        'archive-refused',
        'catalog/task.ndjson',
        /"tenant_id", which is no column/,
        (rows) => edit(rows, 'task', (row) => (row['tenant_id'] = tenant.id)),
      ],
      [
        'archive-damaged',
        'catalog/task.ndjson',
        /column "tenant_id"/,
        (_rows, { tables }) =>
          tables.find(({ name }) => name === 'task')?.columns.push('tenant_id'),
      ],
      [
        'archive-damaged',
        'catalog/task.ndjson',
        /column "lane"/,
        (_rows, { tables }) => tables.find(({ name }) => name === 'task')?.columns.push('lane'),
      ],
      [
        'archive-damaged',
        'catalog/run.ndjson',
        /column "backfill_id"/,
        (_rows, { tables }) =>
          tables.find(({ name }) => name === 'run')?.columns.push('backfill_id'),
      ],
      [
        'archive-damaged',
        'catalog/api_key.ndjson',
        /no table that archives hold/,
        (rows, { tables }) => {
          rows.set('api_key', ['{"id":"mk_mine"}'])
          tables.push({ name: 'api_key', columns: ['id'], rows: 1 })
        },
      ],
      [
        'archive-damaged',
        'catalog/migration.ndjson',
        /no table that archives hold/,
        (rows, { tables }) => {
          rows.set('migration', ['{"number":1}'])
          tables.push({ name: 'migration', columns: ['number'], rows: 1 })
        },
      ],
      [
        'archive-refused',
        'catalog/version.ndjson',
        /bigint/,
        (rows) => edit(rows, 'version', (row) => (row['id'] = 'one')),
      ],
      [
        'archive-refused',
        'catalog/version.ndjson',
        /null value/,
        (rows) => edit(rows, 'version', (row) => delete row['dataset']),
      ],
      [
        'archive-refused',
        'catalog/version.ndjson',
        /unique/,
        (rows) =>
          rows.set('version', [...(rows.get('version') ?? []), rows.get('version')?.[0] ?? '']),
      ],
      [
        'archive-refused',
        'the tenant',
        /too large/,
        (rows) => edit(rows, 'outbox', (row) => (row['id'] = 2 ** 60)),
      ],
      [
        'archive-refused',
        'the tenant',
        /check constraint/,
        (_rows, manifest) => {
          manifest.tenant['weight'] = -5
        },
      ],
      [
        'archive-refused',
        'catalog/task_log.ndjson',
        /cannot be stored/,
        (rows) => edit(rows, 'task_log', (row) => (row['message'] = 'nul \0')),
      ],
      [
        'archive-damaged',
        'lake/../other/202104/t1-f1-data.parquet',
        /missing/,
        (rows) => edit(rows, 'file', (row) => (row['path'] = '../other/202104/t1-f1-data.parquet')),
      ],
      [
        'archive-damaged',
        'catalog/audit.ndjson',
        /row 1/,
        (rows) => edit(rows, 'audit', (row) => (row['actor'] = 'nobody')),
      ],
      [
        'archive-damaged',
        'catalog/audit.ndjson',
        /breaks its chain/,
        (rows) => rows.set('audit', rows.get('audit')?.slice(0, 1) ?? []),
      ],
    ]
    for (const [code, entry, problem, change] of cases) {
      await forge(path, forged, change)
      const request = { file: forged, slug: 'copy', by: 'operator' }
      await assert.rejects(
        restoreTenant(place, { ...request, replayErasures: () => Promise.resolve() }),
        (error) => {
          assert.ok(error instanceof MillraceError, String(error))
          assert.deepEqual([error.code, error.details['entry']], [code, entry], error.message)
          assert.match(error.message, problem)
          return true
        },
      )
      assert.equal(await rowsOfAll(), before, `${entry} left rows behind`)
    }
    assert.deepEqual(await tenantTexts(place, tenant), texts)
    assert.equal((await place.lake.usage()).files, 2)
  })
})
