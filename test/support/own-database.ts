import { randomBytes } from 'node:crypto'

import pg from 'pg'

import { afterwards } from './afterwards.ts'
import { testServer, type Cleanup } from './database.ts'

/** Address of an empty PostgreSQL database of the test's own; null where no server is installed. */
export async function ownDatabase(t: Cleanup): Promise<string | null> {
  const server = await testServer()
  if (!server) return null
  const name = `whole_${randomBytes(6).toString('hex')}`
  await run(`CREATE DATABASE ${name}`)
  afterwards(t, () => run(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))
  return server.url(name)

  async function run(sql: string): Promise<void> {
    const client = new pg.Client({ connectionString: server?.url('postgres') })
    await client.connect()
    try {
      await client.query(sql)
    } finally {
      await client.end()
    }
  }
}
