import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Database } from '#catalog/database.ts'
import { openCatalogOn } from '#catalog/open.ts'
import { createTenant } from '#catalog/tenants.ts'
import { openPostgres } from '#catalog/postgres.ts'
import { eachEngine, testParts, testServer } from '../../test/support/database.ts'

async function sql(database: Database, ...statements: string[]): Promise<void> {
  const connection = await database.connect()
  try {
    for (const statement of statements) await connection.client.query(statement)
  } finally {
    connection.release()
  }
}

const faults = [
  ['is a superuser', 'ALTER ROLE millrace_app SUPERUSER', 'ALTER ROLE millrace_app NOSUPERUSER'],
  [
    'may bypass it',
    'ALTER ROLE millrace_system BYPASSRLS',
    'ALTER ROLE millrace_system NOBYPASSRLS',
  ],
  [
    'is a member of millrace_owner',
    'GRANT millrace_owner TO millrace_app',
    'REVOKE millrace_owner FROM millrace_app',
  ],
  [
    'owns tables',
    'GRANT CREATE ON SCHEMA millrace TO millrace_system; ALTER TABLE millrace.run OWNER TO millrace_system',
    'ALTER TABLE millrace.run OWNER TO millrace_owner; REVOKE CREATE ON SCHEMA millrace FROM millrace_system',
  ],
] as const

eachEngine((engine) => {
  test('roles that row-level security would not hold are refused at the start', async (t) => {
    const database = await engine.emptyDatabase(t)
    await openCatalogOn(database, testParts)
    for (const [fault, breaking, mending] of faults) {
      await sql(database, breaking)
      await assert.rejects(openCatalogOn(database, testParts), (error: Error) => {
        assert.equal((error as { code?: string }).code, 'catalog-roles-unsafe')
        assert.match(error.message, new RegExp(fault))
        return true
      })
      await sql(database, mending)
    }
    await openCatalogOn(database, testParts)
  })

  test('a catalog of a newer Millrace, or with another migration, is refused', async (t) => {
    const database = await engine.emptyDatabase(t)
    await openCatalogOn(database, testParts)
    await sql(
      database,
      `INSERT INTO millrace.migration (number, name, checksum) VALUES (9999, 'later', '')`,
    )
    await assert.rejects(openCatalogOn(database, testParts), { code: 'catalog-newer' })
    await sql(database, 'DELETE FROM millrace.migration WHERE number = 9999')
    await sql(database, `UPDATE millrace.migration SET checksum = 'other' WHERE number = 1`)
    await assert.rejects(openCatalogOn(database, testParts), { code: 'catalog-changed' })
  })
})

test(
  'a database user who is no superuser can set the catalog up, and several at once do it once',
  { skip: testServer() === null ? 'no PostgreSQL is installed' : false },
  async (t) => {
    const server = await testServer()
    assert.ok(server)
    const admin = openPostgres(server.url('postgres'), testParts)
    t.after(() => admin.close())
    await sql(admin, 'CREATE ROLE plain LOGIN CREATEROLE', 'CREATE DATABASE plain OWNER plain')
    const url = server.url('plain').replace('postgres@', 'plain@')
    const catalogs = await Promise.all(
      [1, 2, 3].map(() => openCatalogOn(openPostgres(url, testParts), testParts)),
    )
    t.after(async () => void (await Promise.all(catalogs.map((catalog) => catalog.close()))))
    for (const [index, catalog] of catalogs.entries()) {
      assert.ok((await createTenant(catalog, `tenant${index}`)).id)
    }
  },
)
