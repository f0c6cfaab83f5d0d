import type { Factory } from '#factory/factory.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Ids } from '#kernel/ids.ts'
import type { Logger } from '#kernel/logger.ts'
import type { Random } from '#kernel/random.ts'

/** What `app/compose.ts` hands to every operation. */
export interface Parts {
  readonly factory: Factory
  readonly clock: Clock
  readonly random: Random
  readonly ids: Ids
  readonly log: Logger
}
