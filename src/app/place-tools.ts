import type { Config } from '#app/config.ts'
import type { Slots } from '#app/slots.ts'
import type { DirectoryTools } from '#app/directory-tools.ts'
import type { Egress } from '#egress/egress.ts'
import type { Engine } from '#engine/engine.ts'
import type { Readers } from '#engine/readers/query-job.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Ids } from '#kernel/ids.ts'
import type { Logger } from '#kernel/logger.ts'
import type { Random } from '#kernel/random.ts'
import type { Secrets } from '#secrets/secrets.ts'

/** What all places of a process share. */
export interface PlaceTools {
  readonly config: Config
  readonly engine: Engine
  readonly readers: Readers
  readonly egress: Egress
  readonly secrets: Secrets
  readonly slots: Slots
  readonly directory: DirectoryTools
  readonly clock: Clock
  readonly random: Random
  readonly ids: Ids
  readonly log: Logger
}
