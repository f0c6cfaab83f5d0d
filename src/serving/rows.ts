import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'

import type { Catalog } from '#catalog/catalog.ts'
import { readSet } from '#catalog/files.ts'
import type { Engine } from '#engine/engine.ts'
import type { ReadJob } from '#engine/protocol.ts'
import type { Ids } from '#kernel/ids.ts'
import { inParallel } from '#kernel/in-parallel.ts'
import type { Lake } from '#lake/lake.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { Tenant } from '#model/tenant.ts'

/** Rows beside the published ones. */
export interface RowReader {
  /** Rows that were held back, in the engine's JSON. */
  quarantine(
    tenant: Tenant,
    dataset: string,
    partitions: readonly PartitionKey[] | null,
    limit: number,
    signal?: AbortSignal,
  ): Promise<unknown[]>
}

export interface RowReaderParts {
  readonly catalog: Catalog
  readonly lake: Lake
  readonly engine: Engine
  readonly ids: Ids
  /** Existing private folder for answers that are being sent. */
  readonly scratchFolder: string
  readonly limits: ReadJob['limits']
}

/** Files that are verified, and brought here where they are remote, side by side. */
const FILES_AT_ONCE = 8

export function openRowReader(parts: RowReaderParts): RowReader {
  const { catalog, lake, engine, ids, scratchFolder, limits } = parts

  return {
    async quarantine(tenant, dataset, partitions, limit, signal) {
      const set = await catalog.asTenant(tenant, (session) => readSet(session, dataset, partitions))
      const files = set.partitions.flatMap(({ quarantine }) => quarantine)
      if (files.length === 0 || limit === 0) return []
      const folder = join(scratchFolder, ids.next('read'))
      const tempFolder = join(folder, 'spill')
      const toPath = join(folder, 'rows')
      await mkdir(tempFolder, { recursive: true, mode: 0o700 })
      const hold = lake.hold()
      try {
        const live = await inParallel(files, FILES_AT_ONCE, async (file) => ({
          path: await hold.localPath(file, signal),
          partitions: null,
        }))
        const job = { dataset, partitions: [], order: 'file, line', format: 'json' } as const
        await engine.run(
          { ...job, kind: 'read', files: live, limit, seen: null, toPath, limits, tempFolder },
          signal ? { signal } : {},
        )
        return JSON.parse(await readFile(toPath, 'utf8')) as unknown[]
      } finally {
        await hold.release()
        await rm(folder, { recursive: true, force: true })
      }
    },
  }
}
