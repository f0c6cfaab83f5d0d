import assert from 'node:assert/strict'
import { test } from 'node:test'

import { appendAudit } from '#catalog/audit.ts'
import { createBackfill } from '#catalog/backfills.ts'
import { createKey } from '#catalog/keys.ts'
import { setLimit } from '#catalog/limits.ts'
import { addMember } from '#catalog/memberships.ts'
import { setSourceOptions } from '#catalog/options.ts'
import { saveTarget } from '#catalog/delivery-targets.ts'
import { insertReceipt } from '#catalog/receipts.ts'
import { pauseQueue } from '#catalog/pauses.ts'
import { keepPlan } from '#catalog/plans.ts'
import { createTenant } from '#catalog/tenants.ts'
import { requestErasure } from '#catalog/erasures.ts'
import { insertMail } from '#catalog/mail.ts'
import { setRule } from '#catalog/subject-rules.ts'
import { countUsage } from '#catalog/usage.ts'
import { systemRandom } from '#kernel/random.ts'
import { fireNow } from '#catalog/trigger-firings.ts'
import { createTrigger } from '#catalog/triggers.ts'
import { createUser } from '#catalog/users.ts'
import { buildToldTask } from '../../test/support/background-builders.ts'
import { eachEngine, suiteCatalog, type TestCatalog } from '../../test/support/database.ts'
import { buildPublishedRun } from '../../test/support/catalog-builders.ts'
import { buildSignOn } from '../../test/support/member-builders.ts'

type Admin = TestCatalog['admin']

/** A row of the tenant in a table that has none of it yet; what it says does not matter here. */
async function ensureRow(admin: Admin, table: string, owner: string, id: number): Promise<void> {
  const [known] = await admin(`SELECT FROM ${table} WHERE ${owner} = $1 LIMIT 1`, [id])
  if (known) return
  const rules = await admin<{ name: string }>(
    `SELECT quote_ident(conname) AS name FROM pg_constraint
     WHERE conrelid = $1::regclass AND contype IN ('c', 'f')`,
    [table],
  )
  for (const { name } of rules) await admin(`ALTER TABLE ${table} DROP CONSTRAINT ${name}`)
  await admin(`ALTER TABLE ${table} DISABLE TRIGGER USER`)
  const columns = await admin<{ name: string; type: string }>(
    `SELECT quote_ident(attname) AS name, format_type(atttypid, atttypmod) AS type
     FROM pg_attribute
     WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attnotnull
       AND NOT atthasdef AND attidentity = '' AND attname <> $2`,
    [table, owner],
  )
  const names = [owner, ...columns.map(({ name }) => name)]
  const values = [String(id), ...columns.map(({ type }) => `${valueOf(type, id)}::${type}`)]
  await admin(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${values.join(', ')})`)
}

function valueOf(type: string, id: number): string {
  if (type.endsWith('[]')) return `'{}'`
  if (/^jsonb?$/.test(type)) return `'{}'`
  if (/^(integer|bigint|smallint|double precision|numeric)/.test(type)) return '1'
  if (type.startsWith('timestamp') || type === 'date') return 'now()'
  if (type === 'boolean') return 'false'
  // Ids that are looked up before the tenant is known are unique in all of them.
  return `'one${id}'`
}

eachEngine((engine) => {
  const open = suiteCatalog(engine)

  test('a tenant sees no foreign row of any table, even without a WHERE', async () => {
    const { catalog, admin } = open()
    const [mine, theirs] = [
      await createTenant(catalog, 'mine'),
      await createTenant(catalog, 'theirs'),
    ]
    await catalog.asSystem((session) =>
      createUser(session, { id: 'usr_1', email: 'a@x.org', name: 'A', password: null }),
    )
    for (const tenant of [mine, theirs]) {
      await buildPublishedRun(catalog, tenant)
      await buildToldTask(catalog, tenant)
      await buildSignOn(catalog, tenant)
      await catalog.asTenant(tenant, async (session) => {
        await setSourceOptions(session, 'events', { location: tenant.slug })
        const event = { actor: 'one', action: 'two', detail: '{}', requestId: null }
        await appendAudit(session, event)
        await setLimit(session, { scope: 'tag', value: 'gpu', runningMax: 1 }, 'tenant')
        const pause = { scope: 'dataset', value: 'events', reason: tenant.slug } as const
        await pauseQueue(session, pause, 'tenant')
        const hash = Buffer.from(tenant.slug)
        await createKey(session, { id: 'mk_1', name: 'one', hash, permissions: ['read'] })
        await session.query(
          `INSERT INTO role (tenant_id, name, permissions, created_by) VALUES ($1, 'one', '{}', 'x')`,
          [tenant.id],
        )
        await addMember(session, { userId: 'usr_1', role: 'one', invitedBy: null })
      })
    }
    for (const tenant of [mine, theirs]) {
      await catalog.asTenant(tenant, async (session) => {
        const schedule = { id: 'sch_1', kind: 'schedule', name: 'one', definition: {} } as const
        await createTrigger(session, { ...schedule, createdBy: 'one', dueAt: null, nextAt: null })
        await fireNow(session, schedule.id)
        const request = { datasets: [], partitions: null, mode: 'run' } as const
        const basis = { commitNumber: 0, codes: {}, objects: {}, tasks: '' }
        await keepPlan(session, { id: 'plan_1', request, basis })
        await countUsage(session, 'tasks', 1)
        const letter = { recipientName: null, template: 'test', data: {}, sealed: null }
        await insertMail(session, { id: `mail_${tenant.id}`, recipient: 'a@x.org', ...letter })
        const rule = { kind: 'user', value: 'somebody', state: 'erased' } as const
        const hash = await setRule(session, systemRandom, rule)
        await requestErasure(session, { id: 'era_1', kind: 'user', hash, by: 'one' })
        await session.query(`INSERT INTO archive_hold VALUES ($1, 'one', now())`, [tenant.id])
        const place = { name: 'one', kind: 's3', options: {}, createdBy: 'one' }
        await saveTarget(session, place)
        const answer = { commitNumber: 1, asOf: new Date(0), completeness: {}, versions: [] }
        await insertReceipt(session, { id: 'rcp_1', question: {}, ...answer }, 'h')
      })
      await admin(
        `INSERT INTO erasure_partition (tenant_id, erasure_id, dataset, partition, is_source)
         VALUES ($1, 'era_1', 'events', '2021-04', true)`,
        [tenant.id],
      )
    }
    await catalog.asSystem((session) => {
      const region = { datasets: [], partition: null, mode: 'run' } as const
      const backfill = { id: 'bfl_1', title: 'all', request: region, class: 'backfill' } as const
      return createBackfill(session, { ...backfill, concurrency: null, createdBy: 'one' }, [
        mine,
        theirs,
      ])
    })
    const tables = await admin<{ name: string; column: string; rls: boolean; open: boolean }>(
      `SELECT c.relname AS name, a.attname AS column,
         has_table_privilege('millrace_app', c.oid, 'SELECT') AS open,
         c.relrowsecurity AND c.relforcerowsecurity AS rls
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         AND a.attname = CASE c.relname WHEN 'tenant' THEN 'id' ELSE 'tenant_id' END
       WHERE c.relnamespace = 'millrace'::regnamespace AND c.relkind = 'r'`,
    )
    assert.ok(tables.length > 15, `${tables.length} tenant tables`)
    for (const { name, column } of tables) {
      for (const tenant of [mine, theirs]) await ensureRow(admin, name, column, tenant.id)
    }
    const empty: string[] = []
    for (const { name, column, rls, open: isOpen } of tables) {
      assert.ok(rls, `${name} forces row-level security`)
      // Functions of the owner alone reach what a tenant may not read at all.
      if (!isOpen) continue
      const [all] = await admin<{ tenants: number }>(
        `SELECT count(DISTINCT ${column}) AS tenants FROM ${name}`,
      )
      if (name === 'tenant_turn') continue
      if (all?.tenants !== 2) empty.push(name)
      const seen = await catalog.asTenant(mine, (session) =>
        session.query<{ tenant: number }>(`SELECT DISTINCT ${column} AS tenant FROM ${name}`),
      )
      if (!empty.includes(name)) assert.deepEqual(seen, [{ tenant: mine.id }], name)
    }
    assert.deepEqual(empty, [], 'tables without rows of both tenants: they show nothing')
  })

  test('a tenant can neither write, change nor remove foreign rows', async () => {
    const { catalog, admin } = open()
    const [mine, theirs] = [
      await createTenant(catalog, 'mine'),
      await createTenant(catalog, 'theirs'),
    ]
    await catalog.asTenant(theirs, (session) => setSourceOptions(session, 'events', { a: 1 }))
    await catalog.asTenant(mine, async (session) => {
      await session.query(`UPDATE source_option SET options = '{"a":2}'`)
      await session.query('DELETE FROM source_option')
    })
    await assert.rejects(
      catalog.asTenant(mine, (session) =>
        session.query('INSERT INTO source_option VALUES ($1, $2, $3)', [theirs.id, 'x', '{}']),
      ),
      /row-level security/,
    )
    const left = await admin('SELECT dataset, options FROM source_option')
    assert.deepEqual(left, [{ dataset: 'events', options: { a: 1 } }])
  })

  test('the system role reads no table and calls only the functions that are named for it', async () => {
    const { catalog, admin } = open()
    await createTenant(catalog, 'mine')
    for (const table of ['tenant', 'task', 'version', 'api_key', 'code']) {
      await assert.rejects(
        catalog.asSystem((session) => session.query(`SELECT * FROM ${table}`)),
        /permission denied/,
      )
    }
    await assert.rejects(
      catalog.asSystem((session) => session.query(`SELECT run_cancel(1, 'run_1')`)),
      /permission denied/,
    )
    const reachable = await admin<{ name: string; source: string }>(
      `SELECT p.proname AS name, p.prosrc AS source FROM pg_proc p
       WHERE p.pronamespace = 'millrace'::regnamespace AND p.prosecdef
         AND has_function_privilege('millrace_app', p.oid, 'EXECUTE') ORDER BY 1`,
    )
    const seeing = reachable.filter(({ source }) => !source.includes('millrace_tenant()'))
    // They read the schema and statistics, and no row of a tenant; but one request by its random token.
    const names = ['archive_tables', 'archive_unknown_columns', 'idempotent_mark', 'tasks_analyze']
    assert.deepEqual(
      seeing.map(({ name }) => name),
      names,
      'functions that see all tenants are closed to millrace_app',
    )
    const own = reachable.filter(({ source }) => source.includes('millrace_tenant()'))
    // Each of them was read: it touches rows of the transaction's tenant only.
    assert.deepEqual(
      own.map(({ name }) => name),
      ['archive_members', 'archive_read', 'archive_tenant', 'receipts_sweep', 'subject_redact'],
    )
  })

  test('a transaction without a tenant is refused its rows', async () => {
    const { catalog, admin } = open()
    const tenant = await createTenant(catalog, 'mine')
    await catalog.asTenant(tenant, (session) => setSourceOptions(session, 'events', {}))
    await assert.rejects(
      admin(`DO $$ BEGIN
        SET LOCAL ROLE millrace_app;
        PERFORM FROM source_option;
      END $$`),
      /millrace\.tenant|invalid input syntax/,
    )
  })
})
