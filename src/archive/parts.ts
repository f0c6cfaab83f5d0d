import type { Catalog } from '#catalog/catalog.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Ids } from '#kernel/ids.ts'
import type { Logger } from '#kernel/logger.ts'
import type { Random } from '#kernel/random.ts'
import type { Lake } from '#lake/lake.ts'

/** What archives are made of and brought back into. */
export interface ArchiveParts {
  readonly catalog: Catalog
  readonly lake: Lake
  readonly clock: Clock
  readonly ids: Ids
  readonly random: Random
  readonly log: Logger
  /** Private folder for what lives as long as one call. */
  readonly scratchFolder: string
}
