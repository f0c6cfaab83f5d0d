import { createReadStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { constants, gunzipSync } from 'node:zlib'

import type { Connector, ObjectInfo } from '#connectors/connector.ts'
import { discoverPartitions } from '#connectors/location.ts'
import type { SourceDefinition } from '#model/definition.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { Tenant } from '#model/tenant.ts'
import { firstFields } from '#model/first-fields.ts'

/** What lies where a source would read, as it is now. */
export interface SourceFound {
  /** The address with its placeholders. */
  readonly location: string
  /** Objects that are partitions of the source. */
  readonly objects: number
  /** The newest of them by key, newest first. */
  readonly newest: readonly {
    readonly partition: PartitionKey
    readonly location: string
    readonly sizeBytes: number
    readonly modifiedAt: Date
  }[]
  /** Names of the newest object's columns; null: it is too large to be fetched for a look, or not readable so. */
  readonly columns: readonly string[] | null
  /** Declared columns that it lacks, and columns that it has and nobody declared. */
  readonly missing: readonly string[]
  readonly extra: readonly string[]
}

const NEWEST = 5
/** A larger object is not fetched for the sake of its first line. */
const LOOK_BYTES_MAX = 32e6
const HEAD_BYTES = 65_536

/** Throws what connectors throw, `location-invalid` and `object-missing`. */
export async function trySource(
  connector: Connector,
  template: string,
  source: SourceDefinition,
  tenant: Tenant,
  /** A private folder that does not exist yet; it is gone afterwards. */
  folder: string,
  signal: AbortSignal,
): Promise<SourceFound> {
  const found = await discoverPartitions(connector, template, {
    tenant: tenant.slug,
    ...source.partitioning,
    signal,
  })
  const newest = found.slice(-NEWEST).toReversed()
  const [first] = newest
  const columns =
    first && first.info.sizeBytes <= LOOK_BYTES_MAX
      ? await columnsOf(connector, first.info, source, folder, signal)
      : null
  const has = new Set(columns?.map((name) => name.toLowerCase()))
  const declared = new Set(source.columns.map(({ name }) => name.toLowerCase()))
  return {
    location: connector.resolve(template),
    objects: found.length,
    newest: newest.map(({ partition, info }) => ({
      partition,
      location: info.location,
      sizeBytes: info.sizeBytes,
      modifiedAt: info.modifiedAt,
    })),
    columns,
    missing: columns
      ? source.columns.map(({ name }) => name).filter((name) => !has.has(name.toLowerCase()))
      : [],
    extra: columns?.filter((name) => !declared.has(name.toLowerCase())) ?? [],
  }
}

async function columnsOf(
  connector: Connector,
  { location }: ObjectInfo,
  source: SourceDefinition,
  folder: string,
  signal: AbortSignal,
): Promise<string[] | null> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  try {
    const toPath = join(folder, 'object')
    await connector.fetch({ location, toPath, signal })
    const head = await createReadStream(toPath, { end: HEAD_BYTES - 1 }).toArray()
    const text = plain(Buffer.concat(head as Buffer[]))
    return text === null ? null : firstFields(text, source.format.kind)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Text at the beginning of a file, gzip or not; null: it is compressed otherwise. */
function plain(head: Buffer): string | null {
  if (head[0] === 0x28 && head[1] === 0xb5) return null
  if (head[0] !== 0x1f || head[1] !== 0x8b) return head.toString('utf8')
  try {
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH }).toString('utf8')
  } catch {
    return null
  }
}
