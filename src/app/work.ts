import { hostname } from 'node:os'

import type { Config, PartName } from '#app/config.ts'
import type { DeployedCode } from '#app/deployed-code.ts'
import type { Catalog } from '#catalog/catalog.ts'
import { lanesOf } from '#catalog/queue.ts'
import { startDispatcher, type Dispatcher } from '#factory/dispatcher.ts'
import { createWorker } from '#factory/worker.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Ids } from '#kernel/ids.ts'
import type { Logger } from '#kernel/logger.ts'

/** What of this process takes work out of the queue. */
export interface Work {
  /** Starts the parts that do not run yet. */
  start(parts: readonly PartName[]): void
  /** So that a cancel reaches what runs in this process at once. */
  checkLeases(): Promise<void>
  /** Claims nothing more, then ends or gives back what runs. */
  stop(graceMs: number): Promise<void>
}

export function openWork(parts: {
  readonly config: Config
  readonly catalog: Catalog
  readonly deployed: DeployedCode
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Logger
}): Work {
  const { config, catalog, deployed, clock, ids, log } = parts
  const dispatchers: Dispatcher[] = []
  const started = new Set<PartName>()

  function startWorker(): void {
    const work = createWorker(deployed.current().parts, { partsOf: deployed.partsOf })
    dispatchers.push(
      startDispatcher(
        catalog,
        {
          worker: `${hostname()}-${process.pid}-${ids.next('w').slice(-7)}`,
          slots: config.slots,
          leaseMs: config.leaseMs,
          lanes: lanesOf.slot,
          tags: config.tags,
        },
        work,
        { clock, log: log.with({ part: 'dispatcher' }) },
      ),
    )
  }

  return {
    start(names) {
      for (const name of names) {
        if (started.has(name)) continue
        started.add(name)
        if (name === 'worker') startWorker()
      }
    },
    async checkLeases() {
      for (const dispatcher of dispatchers) await dispatcher.checkLeases()
    },
    async stop(graceMs) {
      await Promise.all(dispatchers.map((dispatcher) => dispatcher.stop(graceMs)))
    },
  }
}
