import { createReadStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'

import type { Catalog } from '#catalog/catalog.ts'
import { readSet } from '#catalog/files.ts'
import type { HeldJob } from '#engine/convert/held-job.ts'
import type { Engine } from '#engine/engine.ts'
import type { Ids } from '#kernel/ids.ts'
import { inParallel } from '#kernel/in-parallel.ts'
import type { Lake } from '#lake/lake.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { Tenant } from '#model/tenant.ts'

export interface HeldParts {
  readonly catalog: Catalog
  readonly lake: Lake
  readonly engine: Engine
  readonly ids: Ids
  /** Existing private folder for answers that are being sent. */
  readonly scratchFolder: string
}

export type HeldRequest = Pick<
  HeldJob,
  'dataset' | 'where' | 'after' | 'limit' | 'format' | 'headers'
> & {
  /** Those that hold records back, by key. */
  readonly partitions: readonly PartitionKey[]
}

/** One record that was held back, and where it stands. */
export interface HeldRecord {
  readonly partition: PartitionKey
  /** Names it to fixes: the hash of `raw`. */
  readonly record: string
  readonly file: string
  readonly line: number
  readonly byteOffset: number
  readonly column: string | null
  readonly value: string | null
  readonly reason: string
  /** As it stands in the file, at most 64 KiB of it. */
  readonly raw: string
  /** Of CSV that was sent: the names of its fields. Null: those of its file, or it has none. */
  readonly header: string[] | null
}

/** Partitions whose files are looked through together, for pages. */
const PARTITIONS_AT_ONCE = 64
const FILES_AT_ONCE = 8
const limits = { memoryBytes: 512e6, threads: 1, deadlineMs: 120_000 }

/** All that is asked for, as bytes; null: none of the partitions holds anything back. */
export async function streamHeld(
  parts: HeldParts,
  tenant: Tenant,
  { partitions, ...asked }: HeldRequest,
  signal: AbortSignal | undefined,
): Promise<Readable | null> {
  const set = await parts.catalog.asTenant(tenant, (session) =>
    readSet(session, asked.dataset, partitions),
  )
  const named = set.partitions.flatMap(({ partition, quarantine }) =>
    quarantine.map((file) => ({ partition, file })),
  )
  if (named.length === 0) return null
  const folder = join(parts.scratchFolder, parts.ids.next('held'))
  const remove = () => rm(folder, { recursive: true, force: true })
  const hold = parts.lake.hold()
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const toPath = join(folder, 'rows')
    const files = await inParallel(named, FILES_AT_ONCE, async ({ partition, file }) => ({
      partition,
      path: await hold.localPath(file, signal),
    }))
    const job = { kind: 'held', ...asked, files, toPath, limits, tempFolder: folder } as const
    await parts.engine.run(job, signal ? { signal } : {})
    const bytes = createReadStream(toPath, { highWaterMark: 256 * 1024 })
    bytes.once('close', () => void remove().catch(() => {}))
    return bytes
  } catch (error) {
    await remove()
    throw error
  } finally {
    await hold.release()
  }
}

/** A page of records in the order of their places. */
export async function readHeld(
  parts: HeldParts,
  tenant: Tenant,
  asked: Omit<HeldRequest, 'format' | 'limit' | 'headers'> & { readonly limit: number },
  signal: AbortSignal,
): Promise<HeldRecord[]> {
  const first = asked.after?.partition ?? ''
  const left = asked.partitions.filter((partition) => partition >= first)
  const found: HeldRecord[] = []
  for (let from = 0; from < left.length && found.length < asked.limit; from += PARTITIONS_AT_ONCE) {
    const partitions = left.slice(from, from + PARTITIONS_AT_ONCE)
    const limit = asked.limit - found.length
    const page = { ...asked, partitions, limit, format: 'json', headers: true } as const
    const bytes = await streamHeld(parts, tenant, page, signal)
    if (!bytes) continue
    const text = Buffer.concat(await bytes.toArray()).toString('utf8')
    found.push(...(JSON.parse(text) as Record<string, unknown>[]).map(toRecord))
  }
  return found
}

function toRecord({ byte_offset: byteOffset, ...row }: Record<string, unknown>): HeldRecord {
  const header = typeof row['header'] === 'string' ? (JSON.parse(row['header']) as string[]) : null
  return { ...row, byteOffset: Number(byteOffset), line: Number(row['line']), header } as HeldRecord
}
