import { MillraceError } from '#kernel/errors.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { Tenant } from '#model/tenant.ts'

/** What a file of the lake holds: the rows of versions, or the rows that were held back. */
export type FileRole = 'data' | 'quarantine'

export interface FileAddress {
  readonly tenant: Tenant
  readonly dataset: string
  /** First partition in the file; its month becomes a folder, so that no folder grows without bound. */
  readonly firstPartition: PartitionKey
  /** The attempt that wrote it: first task of the batch and its fencing number. */
  readonly taskId: number
  readonly fence: number
  /** How many tasks it holds, where that is fewer than the attempt's: a part of a batch that was split. */
  readonly partTasks?: number | undefined
  readonly role: FileRole
}

/**
 * Where a file comes to lie, relative to the lake: `acme/top_users/202104/t17-f42-data.parquet`.
 * No two attempts share a fencing number, so no attempt can write over another one's file; parts of
 * one attempt that begin with the same task differ in size (`t17-f42-n3-data.parquet`).
 */
export function filePath(address: FileAddress): string {
  const month = /^(\d{4})-?(\d{2})?/.exec(address.firstPartition)
  const folder = month ? `/${month[1]}${month[2] ?? ''}` : ''
  const part = address.partTasks === undefined ? '' : `-n${address.partTasks}`
  const name = `t${address.taskId}-f${address.fence}${part}-${address.role}.parquet`
  const path = `${address.tenant.slug}/${address.dataset}${folder}/${name}`
  assertLakePath(path)
  return path
}

/**
 * Where the file of a delivery comes to lie: `acme/deliveries/3f/a3f…-f42.csv`. `artefact`: 32
 * hexadecimal digits. A table of the same tenant may have that name: its files end otherwise.
 */
export function deliveryPath(
  tenant: Tenant,
  artefact: string,
  fence: number,
  format: string,
): string {
  const path = `${tenant.slug}/deliveries/${artefact.slice(0, 2)}/a${artefact}-f${fence}.${format}`
  assertLakePath(path)
  return path
}

const PUBLISHED = /^(?:[a-z0-9_][\w-]*\/){2,3}t\d+-f\d+(?:-n\d+)?-(?:data|quarantine)\.parquet$/i
const DELIVERED =
  /^[a-z0-9_][\w-]*\/deliveries\/[0-9a-f]{2}\/a[0-9a-f]{32}-f\d+\.(?:csv|json|ndjson|parquet)$/

/** True for paths that are made here: plain names only, nothing that leads elsewhere. */
export function isLakePath(path: string): boolean {
  return PUBLISHED.test(path) || DELIVERED.test(path)
}

/** Paths are made in this file alone; any other one is a bug of ours, never a caller's wish. */
export function assertLakePath(path: string): void {
  if (!isLakePath(path))
    throw new MillraceError('internal', { message: `"${path}" is no path of a file in the lake` })
}

/** Where all files of a tenant lie, relative to the lake: `acme/`. */
export function tenantFolder(slug: string): string {
  if (/^[a-z][a-z0-9-]*$/.test(slug)) return `${slug}/`
  throw new MillraceError('internal', { message: `"${slug}" is no name of a tenant` })
}
