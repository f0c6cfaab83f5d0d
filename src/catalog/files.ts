import { toJson } from '#catalog/json.ts'
import type { TenantSession } from '#catalog/session.ts'
import type { ResultColumn } from '#model/outcome.ts'
import type { PartitionKey } from '#model/partition-key.ts'

export interface CatalogFile {
  readonly id: number
  /** Relative to the lake. */
  readonly path: string
  readonly sizeBytes: number
  readonly sha256: string
}

export interface ReadPartition {
  readonly partition: PartitionKey
  readonly versionId: number
  readonly rows: number
  readonly columns: readonly ResultColumn[]
  /** Files that hold its rows; partitions of one file share the object. Empty: it has no rows. */
  readonly files: readonly CatalogFile[]
  /** Files of the rows that were held back. */
  readonly quarantine: readonly CatalogFile[]
}

export interface ReadSet {
  readonly dataset: string
  /** The tenant's newest commit at this moment. */
  readonly commitNumber: number
  /** By key; partitions that were asked for and have no version are not among them. */
  readonly partitions: readonly ReadPartition[]
}

export interface ReadRequest {
  readonly dataset: string
  /** Null: every partition that has a version. */
  readonly partitions: readonly PartitionKey[] | null
}

interface ReadRow {
  readonly commit: number
  /** Place of the request, partition, version, rows, index of its columns. */
  readonly partitions: readonly (readonly [number, PartitionKey, number, number, number])[] | null
  readonly columns: readonly (readonly ResultColumn[])[] | null
  /** Version, file, role; in the order of the version's extents. */
  readonly extents: readonly (readonly [number, number, 'data' | 'quarantine'])[] | null
  readonly files: readonly CatalogFile[] | null
}

/** The versions that are current. */
const POINTED_NOW = `
         SELECT asked.place, p.partition, p.version_id
         FROM jsonb_to_recordset($2) AS asked (place int, dataset text, partitions text[])
         CROSS JOIN LATERAL (
           SELECT partition, version_id FROM partition_pointer
           WHERE tenant_id = $1 AND environment = 'main' AND dataset = asked.dataset
           OFFSET 0
         ) AS p
         WHERE asked.partitions IS NULL
         UNION ALL
         SELECT asked.place, p.partition, p.version_id
         FROM jsonb_to_recordset($2) AS asked (place int, dataset text, partitions text[])
         CROSS JOIN LATERAL (SELECT DISTINCT key FROM unnest(asked.partitions) AS k (key)) AS named
         CROSS JOIN LATERAL (
           SELECT partition, version_id FROM partition_pointer
           WHERE tenant_id = $1 AND environment = 'main' AND dataset = asked.dataset
             AND partition = named.key
           OFFSET 0
         ) AS p`

/** What to read, from one statement: one consistent set over all the datasets. Parallel to the requests. */
export async function readSets(
  session: TenantSession,
  requests: readonly ReadRequest[],
): Promise<ReadSet[]> {
  return readPointed(session, POINTED_NOW, requests)
}

/**
 * As {@link readSets}, of versions that `pointed` finds: a SELECT of (place, partition, version_id)
 * in which `$1` is the tenant and `$2` the requests, each with its `place`.
 */
export async function readPointed(
  session: TenantSession,
  pointed: string,
  requests: readonly { readonly dataset: string }[],
  more: readonly unknown[] = [],
): Promise<ReadSet[]> {
  const [row] = await session.query<ReadRow>(
    `WITH pointed AS MATERIALIZED (
       SELECT p.place, p.partition, v.id, v.rows, v.columns
       FROM (${pointed}
       ) AS p
       CROSS JOIN LATERAL (
         SELECT id, rows, columns FROM version
         WHERE tenant_id = $1 AND id = p.version_id
         OFFSET 0
       ) AS v
     ), shape AS MATERIALIZED (
       SELECT columns, row_number() OVER () - 1 AS place FROM (SELECT DISTINCT columns FROM pointed) AS c
     ), lying AS MATERIALIZED (
       SELECT v.id AS version_id, e.ordinal, e.file_id, e.role
       FROM (SELECT DISTINCT id FROM pointed) AS v
       CROSS JOIN LATERAL (
         SELECT ordinal, file_id, role FROM extent
         WHERE tenant_id = $1 AND version_id = v.id OFFSET 0
       ) AS e
     )
     SELECT (SELECT last_commit FROM tenant WHERE id = $1) AS commit,
       (SELECT json_agg(json_build_array(p.place, p.partition, p.id, p.rows, s.place)
          ORDER BY p.place, p.partition)
        FROM pointed p JOIN shape s USING (columns)) AS partitions,
       (SELECT json_agg(columns ORDER BY place) FROM shape) AS columns,
       (SELECT json_agg(json_build_array(version_id, file_id, role) ORDER BY version_id, ordinal)
        FROM lying) AS extents,
       (SELECT json_agg(json_build_object(
          'id', f.id, 'path', f.path, 'sizeBytes', f.size_bytes, 'sha256', f.sha256))
        FROM (SELECT DISTINCT file_id AS id FROM lying) AS l
        JOIN file f ON f.tenant_id = $1 AND f.id = l.id) AS files`,
    [session.tenant.id, toJson(requests.map((request, place) => ({ place, ...request }))), ...more],
  )
  const filesOf = fileLists(row)
  const sets = requests.map(({ dataset }) => ({
    dataset,
    commitNumber: row?.commit ?? 0,
    partitions: [] as ReadPartition[],
  }))
  for (const [place, partition, versionId, rows, shape] of row?.partitions ?? []) {
    const columns = row?.columns?.[shape] ?? []
    sets[place]?.partitions.push({ partition, versionId, rows, columns, ...filesOf(versionId) })
  }
  // Code units, as everywhere: a database has an order of its own for texts.
  for (const { partitions } of sets) {
    partitions.sort((a, b) => (a.partition < b.partition ? -1 : a.partition > b.partition ? 1 : 0))
  }
  return sets
}

type FileLists = Pick<ReadPartition, 'files' | 'quarantine'>

function fileLists(row: ReadRow | undefined): (versionId: number) => FileLists {
  const files = new Map(row?.files?.map((file) => [file.id, file]))
  const lists = new Map<number, { files: CatalogFile[]; quarantine: CatalogFile[] }>()
  for (const [versionId, fileId, role] of row?.extents ?? []) {
    const list = lists.get(versionId) ?? { files: [], quarantine: [] }
    lists.set(versionId, list)
    const file = files.get(fileId)
    if (file) (role === 'data' ? list.files : list.quarantine).push(file)
  }
  return (versionId) => lists.get(versionId) ?? { files: [], quarantine: [] }
}

export async function readSet(
  session: TenantSession,
  dataset: string,
  partitions: readonly PartitionKey[] | null,
): Promise<ReadSet> {
  const [set] = await readSets(session, [{ dataset, partitions }])
  return set as ReadSet
}

/** Every file that must be there, by id from `after` on: for the scrubber, `doctor` and the orphan sweep. */
export async function listFiles(
  session: TenantSession,
  options: { readonly after: number; readonly limit: number },
): Promise<CatalogFile[]> {
  return session.query<CatalogFile>(
    `SELECT id, path, size_bytes AS "sizeBytes", sha256 FROM file
     WHERE tenant_id = $1 AND id > $2 AND swept_at IS NULL ORDER BY id LIMIT $3`,
    [session.tenant.id, options.after, options.limit],
  )
}
