import type { Random } from '#kernel/random.ts'
import type { Tenant } from '#model/tenant.ts'
import type { Faults } from './faults.ts'
import type { Planted } from './planted.ts'
import type { Actor, Schedule } from './schedule.ts'
import type { Store } from './store.ts'
import type { World } from './world.ts'

/** What all processes of one simulation stand in. */
export interface Surroundings {
  readonly store: Store<Actor>
  readonly world: World
  readonly schedule: Schedule
  readonly faults: Faults
  readonly random: Random
  readonly tenants: readonly Tenant[]
  readonly leaseMs: number
  readonly planted: Planted | null
  /** A line of the trace. */
  note(line: string): void
  die(actor: Actor): void
  /** What nobody may ever see, in one sentence. */
  breach(sentence: string): void
}
