import { z } from 'zod'

import { MillraceError } from '#kernel/errors.ts'
import { isLakePath } from '#lake/file-path.ts'

export const MANIFEST_PATH = 'manifest.json'
/** Some hundred thousand files. */
export const MANIFEST_BYTES_MAX = 128 * 1024 * 1024
const FORMAT = 'millrace-tenant'
const FORMAT_VERSION = 1

const name = z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/)
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const count = z.int().min(0)

const manifestSchema = z.strictObject({
  format: z.literal(FORMAT),
  formatVersion: z.literal(FORMAT_VERSION),
  millraceVersion: z.string(),
  madeAt: z.iso.datetime(),
  /** Name in the deployment that it comes from. */
  slug: z.string(),
  /** The tenant's own row: settings, weight, newest commit. */
  tenant: z.record(name, z.unknown()),
  commitNumber: count,
  /** Where its audit log ended. */
  audit: z.strictObject({ seq: count, hash: sha256 }),
  /** In the order in which they can be brought back. */
  tables: z.array(z.strictObject({ name, columns: z.array(name), rows: count })),
  files: count,
  bytes: count,
  leftOut: z.array(
    z.strictObject({ table: z.string(), column: z.string().nullable(), reason: z.string() }),
  ),
  /** Secrets and keys that nobody can carry over: `handler billing (https://…)`. */
  enterAgain: z.array(z.string()),
  /** Every other entry of the archive, in its order. */
  entries: z.array(z.strictObject({ path: z.string().max(1000), sizeBytes: count, sha256 })),
})

export type Manifest = z.infer<typeof manifestSchema>
export type ManifestEntry = Manifest['entries'][number]

/** What `files` and `bytes` of a manifest begin with. */
export function newManifest(about: Omit<Manifest, 'format' | 'formatVersion'>): Manifest {
  return { format: FORMAT, formatVersion: FORMAT_VERSION, ...about }
}

export function tablePath(table: string): string {
  return `catalog/${table}.ndjson`
}

export function lakeEntryPath(path: string): string {
  return `lake/${path}`
}

/** Below the tenant's folder; null for an entry that is no file of the lake. */
export function lakePathOf(entryPath: string): string | null {
  return entryPath.startsWith('lake/') ? entryPath.slice('lake/'.length) : null
}

/**
 * Throws `archive-damaged`, `archive-foreign`. An archive is read as the work of an enemy: nothing in
 * it leads anywhere but to tables by name and to the lake below the tenant's folder.
 */
export function parseManifest(bytes: Buffer): Manifest {
  const refuse = (problem: string): never => {
    throw new MillraceError('archive-damaged', { entry: MANIFEST_PATH, problem })
  }
  let given: unknown
  try {
    given = JSON.parse(bytes.toString('utf8'))
  } catch {
    return refuse('is no JSON')
  }
  const head = z.object({ format: z.literal(FORMAT), formatVersion: z.int() }).safeParse(given)
  if (!head.success) return refuse('is not that of a tenant')
  if (head.data.formatVersion !== FORMAT_VERSION) {
    throw new MillraceError('archive-foreign', {
      found: head.data.formatVersion,
      known: FORMAT_VERSION,
    })
  }
  const parsed = manifestSchema.safeParse(given)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return refuse(`says at ${issue?.path.join('.') || 'its top'}: ${issue?.message ?? ''}`)
  }
  const manifest = parsed.data
  const expected = new Set(manifest.tables.map((table) => tablePath(table.name)))
  if (expected.size !== manifest.tables.length) refuse('names a table twice')
  const seen = new Set<string>()
  for (const { path } of manifest.entries) {
    const inLake = lakePathOf(path)
    const isKnown = inLake === null ? expected.has(path) : isLakePath(`tenant/${inLake}`)
    if (!isKnown) throw new MillraceError('archive-damaged', { entry: path, problem: NOT_OURS })
    if (seen.has(path)) throw new MillraceError('archive-damaged', { entry: path, problem: TWICE })
    seen.add(path)
  }
  for (const path of expected) {
    if (!seen.has(path))
      throw new MillraceError('archive-damaged', { entry: path, problem: ABSENT })
  }
  return manifest
}

const NOT_OURS = 'is neither a table that the manifest names nor a file of the lake'
const TWICE = 'is in the manifest twice'
const ABSENT = 'is not in the manifest, which names the table'
