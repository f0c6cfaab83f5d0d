import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { DuckDBInstance } from '@duckdb/node-api'

import type { OpenParts } from '#app/compose.ts'
import type { Tenant } from '#model/tenant.ts'

/** Files below a folder, with the SHA-256 of each. */
export function hashesBelow(folder: string): Map<string, string> {
  const paths = globSync('**/*', { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  return new Map(
    paths.map((path) => [path, createHash('sha256').update(readFileSync(path)).digest('hex')]),
  )
}

/** Files below a folder that hold the text: in their bytes, or in any cell of any column of a Parquet file. */
export async function filesHolding(folder: string, text: string): Promise<string[]> {
  const found: string[] = []
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    for (const path of hashesBelow(folder).keys()) {
      const isInBytes = readFileSync(path).includes(Buffer.from(text))
      if (isInBytes || (path.endsWith('.parquet') && (await isInRows(path)))) found.push(path)
    }
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
  return found

  async function isInRows(path: string): Promise<boolean> {
    const rows = await connection.runAndReadAll(`SELECT * FROM read_parquet('${path}')`)
    // As cells, not as JSON, which would write quotes in another way.
    return rows.getRows().some((row) => row.some((cell) => String(cell).includes(text)))
  }
}

/** Tables in which a row of the tenant, written as JSON, holds the text. */
export async function tablesHolding(
  { catalog }: Pick<OpenParts, 'catalog'>,
  tenant: Tenant,
  text: string,
): Promise<string[]> {
  const quoted = JSON.stringify(text).slice(1, -1)
  const bytes = Buffer.from(text).toString('hex')
  return catalog.asTenant(tenant, async (session) => {
    const tables = await session.query<{ name: string }>(
      `SELECT c.relname AS name FROM pg_class c
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
       WHERE c.relnamespace = 'millrace'::regnamespace AND c.relkind = 'r'
         AND has_table_privilege(c.oid, 'SELECT')
       ORDER BY 1`,
    )
    const found: string[] = []
    for (const { name } of tables) {
      const [row] = await session.query(
        `SELECT FROM ${name} AS r WHERE tenant_id = $1 AND (
           position($2::text IN to_json(r)::text) > 0 OR position($3::text IN to_json(r)::text) > 0
           OR position($4::text IN to_json(r)::text) > 0) LIMIT 1`,
        [tenant.id, quoted, JSON.stringify(quoted).slice(1, -1), bytes],
      )
      if (row) found.push(name)
    }
    if (tables.length < 20) throw new Error(`only ${tables.length} tables were looked at`)
    return found
  })
}
