import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import type { DuckDBConnection } from '@duckdb/node-api'

import type { Catalog } from '#catalog/catalog.ts'
import type { TenantSession } from '#catalog/session.ts'
import type { Tenant } from '#model/tenant.ts'
import { findQueueFaults } from './check-queue.ts'
import { withDuckdb } from './published.ts'

/** A served version with the hash of its rows, as the checker computes it. */
export interface ServedVersion {
  readonly dataset: string
  readonly partition: string
  readonly versionId: number
  /** Read from an object, not computed from other datasets. */
  readonly isSource: boolean
  readonly fingerprint: string
  readonly dataVersion: string
  readonly rows: number
  /** MD5 over the sorted rows as JSON: the checker's own, nothing of the product is in it. */
  readonly content: string
}

export interface StoreReport {
  /** One sentence each; empty: whole and consistent. */
  readonly faults: readonly string[]
  readonly served: readonly ServedVersion[]
}

interface PointerRow {
  readonly dataset: string
  readonly partition: string
  readonly versionId: number
  readonly pointerCommit: number
  readonly pointerFingerprint: string
  readonly pointerDataVersion: string
  readonly fingerprint: string | null
  readonly dataVersion: string
  readonly commit: number
  readonly rows: number
  readonly state: string
  readonly ofDataset: string
  readonly ofPartition: string
  readonly origin:
    | (Record<'received' | 'accepted' | 'repaired' | 'quarantined', number> & {
        readonly withheld?: number
        readonly erased?: number
      })
    | null
  readonly taskState: string | null
  readonly isRewritten: boolean
  readonly files: readonly ExtentFile[]
}

interface ExtentFile {
  readonly path: string
  readonly role: 'data' | 'quarantine'
  readonly rows: number
}

/**
 * Looks at a catalog and its lake from outside: by plain SQL over the tables, own hashes of the files,
 * and a DuckDB of its own over their rows. Knows what must hold at every moment, whatever was killed.
 */
export async function checkStore(
  catalog: Catalog,
  tenant: Tenant,
  lakeFolder: string,
): Promise<StoreReport> {
  const { pointers, files, faults } = await catalog.asTenant(tenant, async (session) => ({
    pointers: await session.query<PointerRow>(POINTERS, [tenant.id]),
    files: await session.query<FileRow>(FILES, [tenant.id]),
    faults: [...(await findVersionFaults(session)), ...(await findQueueFaults(session))],
  }))
  const damaged = findDamagedFiles(files, lakeFolder)
  faults.push(...[...damaged].map(([path, what]) => `file ${path} ${what}`))
  faults.push(...pointers.flatMap(findPointerFaults))
  const served = await withDuckdb((connection) =>
    readServed(connection, pointers, damaged, lakeFolder, faults),
  )
  return { faults, served }
}

interface FileRow {
  readonly path: string
  readonly sizeBytes: number
  readonly sha256: string
}

const POINTERS = `
  SELECT p.dataset, p.partition, p.version_id AS "versionId", p.commit_number AS "pointerCommit",
    p.fingerprint AS "pointerFingerprint", p.data_version AS "pointerDataVersion",
    v.fingerprint, v.data_version AS "dataVersion", v.commit_number AS commit, v.rows, v.state,
    v.dataset AS "ofDataset", v.partition AS "ofPartition", v.origin, t.state AS "taskState",
    v.task_id = 0 AS "isRewritten",
    coalesce((
      SELECT json_agg(json_build_object('path', f.path, 'role', e.role, 'rows', e.rows))
      FROM extent e LEFT JOIN file f ON f.tenant_id = $1 AND f.id = e.file_id
      WHERE e.tenant_id = $1 AND e.version_id = v.id), '[]') AS files
  FROM partition_pointer p
  LEFT JOIN version v ON v.tenant_id = $1 AND v.id = p.version_id
  LEFT JOIN task t ON t.tenant_id = $1 AND t.id = v.task_id
  WHERE p.tenant_id = $1 AND p.version_id IS NOT NULL
  ORDER BY p.dataset, p.partition`

const FILES = `
  SELECT path, size_bytes AS "sizeBytes", sha256 FROM file
  WHERE tenant_id = $1 AND swept_at IS NULL ORDER BY path`

/** A row in the catalog means: these bytes are there. */
function findDamagedFiles(files: readonly FileRow[], lakeFolder: string): Map<string, string> {
  const damaged = new Map<string, string>()
  for (const { path, sizeBytes, sha256 } of files) {
    const full = join(lakeFolder, path)
    if (!existsSync(full)) damaged.set(path, 'is not there')
    else {
      const bytes = readFileSync(full)
      if (bytes.length !== sizeBytes) damaged.set(path, `has ${bytes.length} of ${sizeBytes} bytes`)
      else if (createHash('sha256').update(bytes).digest('hex') !== sha256)
        damaged.set(path, 'has other bytes than the catalog says')
    }
  }
  return damaged
}

function findPointerFaults(row: PointerRow): string[] {
  const name = `${row.dataset} ${row.partition}`
  if (row.fingerprint === null)
    return [`${name} points at version ${row.versionId}: no such version`]
  const faults: string[] = []
  if (row.ofDataset !== row.dataset || row.ofPartition !== row.partition)
    faults.push(`${name} points at a version of ${row.ofDataset} ${row.ofPartition}`)
  if (row.state !== 'published') faults.push(`${name} points at a version that is ${row.state}`)
  if (row.pointerFingerprint !== row.fingerprint || row.pointerDataVersion !== row.dataVersion)
    faults.push(`${name} has another fingerprint or data version than its version`)
  // What an erasure rewrote belongs to no task.
  if (row.taskState !== 'done' && !row.isRewritten)
    faults.push(`${name} is served, but its task is ${row.taskState}`)
  if (row.files.some(({ path }) => path === null))
    faults.push(`${name} has an extent without a file`)
  const inFiles = row.files
    .filter(({ role }) => role === 'data')
    .reduce((n, { rows }) => n + rows, 0)
  if (inFiles !== row.rows) faults.push(`${name} has ${row.rows} rows, its extents ${inFiles}`)
  const { origin } = row
  const { withheld = 0, erased = 0 } = origin ?? {}
  const kept = origin && origin.accepted + origin.repaired + origin.quarantined
  if (origin && origin.received !== (kept ?? 0) + withheld + erased)
    faults.push(`${name} received ${origin.received} rows, which do not add up`)
  if (origin && row.rows !== origin.accepted)
    faults.push(`${name} accepted ${origin.accepted} rows and serves ${row.rows}`)
  return faults
}

/** What one publish leaves behind: whole, once, and in the order of its commit number. */
async function findVersionFaults(session: TenantSession): Promise<string[]> {
  const rows = await session.query<{ fault: string }>(
    `SELECT format('version %s of %s %s is of commit %s, but the newest is %s', v.id, v.dataset,
       v.partition, v.commit_number, t.last_commit) AS fault
     FROM version v JOIN tenant t ON t.id = v.tenant_id
     WHERE v.tenant_id = $1 AND v.commit_number > t.last_commit
     UNION ALL
     SELECT format('task %s wrote %s versions', task_id, count(*)) FROM version
     -- Task 0: what an erasure rewrote.
     WHERE tenant_id = $1 AND task_id <> 0 GROUP BY task_id HAVING count(*) > 1
     UNION ALL
     SELECT format('run %s published %s %s %s times', run_id, dataset, partition, count(*))
     FROM version WHERE tenant_id = $1 AND state = 'published'
     GROUP BY run_id, dataset, partition HAVING count(*) > 1
     UNION ALL
     SELECT format('version %s of %s %s: its task %s is %s', v.id, v.dataset, v.partition, v.task_id,
       coalesce(t.state, 'not there'))
     FROM version v LEFT JOIN task t ON t.tenant_id = $1 AND t.id = v.task_id
     WHERE v.tenant_id = $1 AND v.task_id <> 0
       AND t.state IS DISTINCT FROM CASE v.state WHEN 'held' THEN 'held' ELSE 'done' END
     UNION ALL
     SELECT format('commit %s published for %s runs or datasets', commit_number, count(*))
     FROM (SELECT DISTINCT commit_number, run_id, dataset FROM version
           WHERE tenant_id = $1 AND commit_number IS NOT NULL) AS c
     GROUP BY commit_number HAVING count(*) > 1`,
    [session.tenant.id],
  )
  return rows.map(({ fault }) => fault)
}

async function readServed(
  connection: DuckDBConnection,
  pointers: readonly PointerRow[],
  damaged: ReadonlyMap<string, string>,
  lakeFolder: string,
  faults: string[],
): Promise<ServedVersion[]> {
  const contents = await hashFiles(connection, pointers, damaged, lakeFolder, faults)
  return pointers.map((row): ServedVersion => {
    const data = row.files.filter(({ role }) => role === 'data')
    const parts = data.map(({ path }) => contents.get(`${path} ${row.partition}`))
    const rows = parts.reduce((sum, part) => sum + (part?.rows ?? 0), 0)
    const { dataset, partition, versionId, dataVersion } = row
    if (rows !== row.rows)
      faults.push(`${dataset} ${partition} has ${row.rows} rows, its files hold ${rows}`)
    const content = parts.map((part) => part?.content ?? 'missing').join('+') || 'no rows'
    const fingerprint = row.fingerprint ?? ''
    const isSource = row.origin !== null
    return { dataset, partition, versionId, isSource, fingerprint, dataVersion, rows, content }
  })
}

async function hashFiles(
  connection: DuckDBConnection,
  pointers: readonly PointerRow[],
  damaged: ReadonlyMap<string, string>,
  lakeFolder: string,
  faults: string[],
): Promise<Map<string, { rows: number; content: string }>> {
  const contents = new Map<string, { rows: number; content: string }>()
  const paths = new Set(
    pointers.flatMap(({ files }) => files.filter(({ role }) => role === 'data')).map((f) => f.path),
  )
  for (const path of paths) {
    if (path === null || damaged.get(path) === 'is not there') continue
    try {
      const reader = await connection.runAndReadAll(
        `SELECT _partition AS key, count(*)::INTEGER AS rows,
           md5(string_agg(line, chr(10) ORDER BY line)) AS content
         FROM (SELECT _partition, to_json(r)::VARCHAR AS line
               FROM read_parquet('${join(lakeFolder, path)}') AS r)
         GROUP BY ALL`,
      )
      for (const { key, rows, content } of reader.getRowObjectsJson()) {
        contents.set(`${path} ${key as string}`, {
          rows: Number(rows),
          content: content as string,
        })
      }
    } catch (error) {
      faults.push(`file ${path} cannot be read: ${String(error)}`)
    }
  }
  return contents
}
