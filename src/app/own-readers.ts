import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

import type { Config } from '#app/config.ts'
import type { Readers } from '#engine/readers/query-job.ts'
import { openReaders } from '#engine/readers/readers.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Ids } from '#kernel/ids.ts'
import type { Logger } from '#kernel/logger.ts'

/**
 * The children of this process that answer queries; none is started before the first query. An embedded
 * home is to be locked before.
 */
export async function openOwnReaders(
  config: Config,
  { clock, ids, log }: { readonly clock: Clock; readonly ids: Ids; readonly log: Logger },
): Promise<Readers> {
  const ofAll = join(config.home, 'readers')
  // Who has the home for itself clears away what a killed process has left.
  if (config.databaseUrl === null) await rm(ofAll, { recursive: true, force: true })
  const folder = join(ofAll, ids.next('readers'))
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const readers = openReaders({
    folder,
    slots: config.querySlots,
    memoryBytes: config.queryMemoryBytes,
    threads: 1,
    customerSql: config.customerSql === 'auto',
    clock,
    log,
  })
  return {
    ...readers,
    async close() {
      await readers.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
