import type { Catalog } from '#catalog/catalog.ts'
import type { Engine } from '#engine/engine.ts'
import type { ActiveWorkBoard } from '#factory/active-work.ts'
import type { Sources } from '#factory/sources.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Ids } from '#kernel/ids.ts'
import type { Logger } from '#kernel/logger.ts'
import type { Random } from '#kernel/random.ts'
import type { Lake } from '#lake/lake.ts'
import type { DatasetDefinition } from '#model/definition.ts'

/** What the factory is made of, for one code: another deployment has parts of its own. */
export interface FactoryParts {
  readonly catalog: Catalog
  readonly lake: Lake
  readonly engine: Engine
  readonly sources: Sources
  /** Inputs before what reads them. */
  readonly datasets: readonly DatasetDefinition[]
  /** Hash of the code that holds them; null where nothing is deployed. Runs keep it. */
  readonly codeHash: string | null
  readonly board: ActiveWorkBoard
  readonly limits: FactoryLimits
  readonly clock: Clock
  readonly random: Random
  readonly ids: Ids
  readonly log: Logger
}

export interface FactoryLimits {
  /** Batches that run at the same time in this process. */
  readonly slots: number
  /** Of the engine instance that runs an analysis, single-threaded. */
  readonly buildMemoryBytes: number
  /** Of the engine instance that reads a source. */
  readonly convertMemoryBytes: number
  readonly convertThreads: number
  /** Longest run of one job in a child. */
  readonly deadlineMs: number
}

/** Branches come later; every pointer is keyed by its environment already. */
export const ENVIRONMENT = 'main'
