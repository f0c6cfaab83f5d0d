import { hostname } from 'node:os'

import { startDeleting } from '#archive/start-deleting.ts'
import type { Config } from '#app/config.ts'
import { smtpOf } from '#app/mail-settings.ts'
import type { DeployedCode } from '#app/deployed-code.ts'
import type { PartName } from '#app/settings.ts'
import type { SlotKind, Slots } from '#app/slots.ts'
import type { Catalog } from '#catalog/catalog.ts'
import type { OutboxWorker } from '#catalog/outbox.ts'
import { lanesOf } from '#catalog/queue.ts'
import { startFlusher } from '#factory/append/flusher.ts'
import { isAppendSource } from '#factory/append/parts.ts'
import { startDispatcher, type Dispatcher, type Work as Perform } from '#factory/dispatcher.ts'
import { startSweeping } from '#factory/sweep-lake.ts'
import type { FactoryParts } from '#factory/parts.ts'
import { createWorker } from '#factory/worker.ts'
import { openEngine } from '#engine/engine.ts'
import type { Egress } from '#egress/egress.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Ids } from '#kernel/ids.ts'
import type { Logger } from '#kernel/logger.ts'
import type { Random } from '#kernel/random.ts'
import { millraceVersion } from '#kernel/version.ts'
import type { Lake } from '#lake/lake.ts'
import { startSubscriptionSender } from '#events/subscription-sender.ts'
import { startMailSender } from '#mail/mail-sender.ts'
import type { Secrets } from '#secrets/secrets.ts'
import { startSweepingDeliveries } from '#serving/deliveries/sweep.ts'
import { startEraser } from '#subjects/eraser.ts'
import { createCallWorker } from '#tasks/call-worker.ts'
import { startDeliverer } from '#tasks/deliverer.ts'
import type { TaskParts } from '#tasks/parts.ts'
import type { TaskServices } from '#tasks/services.ts'
import { openTaskWorker } from '#tasks/task-worker.ts'
import { createTriggerWork } from '#triggers/perform-trigger.ts'
import { startScheduler } from '#triggers/scheduler.ts'

/** What of this process takes work out of the queue. */
export interface Work {
  /** Starts the parts that do not run yet. */
  start(parts: readonly PartName[]): void
  readonly services: TaskServices
  /** For how long no batch has been under way. */
  idleMs(): number
  /** Claims nothing more, then ends or gives back what runs. It may be started again after that. */
  stop(graceMs: number): Promise<void>
}

export interface WorkParts {
  /** What slots for deliveries do. */
  readonly deliveryWork: Perform
  /** Begins to send reports. */
  startReports(): OutboxWorker
  readonly config: Config
  readonly catalog: Catalog
  readonly deployed: DeployedCode
  readonly egress: Egress
  readonly secrets: Secrets
  readonly lake: Lake
  readonly slots: Slots
  readonly clock: Clock
  readonly random: Random
  readonly ids: Ids
  readonly log: Logger
}

export function openWork(parts: WorkParts): Work {
  const { config, catalog, deployed, clock, log } = parts
  const dispatchers: Dispatcher[] = []
  const stops: ((graceMs: number) => Promise<void>)[] = []
  const started = new Set<PartName>()
  const definition: TaskParts['definition'] = (name) => {
    const tasks = deployed.current().code.packs.flatMap((pack) => pack.tasks)
    return tasks.find((task) => task.name === name)
  }
  const taskParts: TaskParts = { ...parts, definition, log: log.with({ part: 'tasks' }) }

  function dispatch(kind: SlotKind, slots: number, perform: Perform): Dispatcher {
    const settings = {
      worker: `${hostname()}-${process.pid}-${parts.ids.next('w').slice(-7)}`,
      slots,
      leaseMs: config.leaseMs,
      lanes: lanesOf[kind],
      tags: config.tags,
      about: { host: hostname(), version: millraceVersion(), parts: config.parts },
    }
    const tools = { clock, log: log.with({ part: 'dispatcher' }) }
    const dispatcher = startDispatcher(catalog, settings, busy(parts.slots(kind, perform)), tools)
    dispatchers.push(dispatcher)
    return dispatcher
  }

  let underWay = 0
  let busyUntilMs = clock.monotonicMs()

  function busy(perform: Perform): Perform {
    return async (...batch) => {
      underWay++
      try {
        await perform(...batch)
      } finally {
        underWay--
        busyUntilMs = clock.monotonicMs()
      }
    }
  }

  function noteBusy(isBusy: boolean): void {
    underWay += isBusy ? 1 : -1
    busyUntilMs = clock.monotonicMs()
  }

  function startWorker(): void {
    const { partsOf, tenantPacks } = deployed
    const trigger = createTriggerWork(() => deployed.current().parts, taskParts, tenantPacks)
    const code = { partsOf, packs: tenantPacks, trigger }
    const factoryWork = createWorker(deployed.current().parts, code)
    const memoryBytes = Math.floor(config.memoryBytes / config.slots)
    const functions = openTaskWorker(taskParts, { slots: config.slots, memoryBytes })
    const { packs } = deployed.current().code
    if (packs.some((pack) => pack.tasks.length > 0)) functions.warm()
    const slots = dispatch('slot', config.slots, (batch, signal, _settle, free) =>
      batch[0]?.handler === 'code'
        ? functions.work(batch, signal, free)
        : factoryWork(batch, signal),
    )
    const calls =
      config.calls > 0 ? dispatch('call', config.calls, createCallWorker(taskParts)) : null
    const deliveries =
      config.deliveries > 0 ? dispatch('delivery', config.deliveries, parts.deliveryWork) : null
    const current = () => deployed.current()
    const eraser = startEraser({ catalog, clock, log: log.with({ part: 'subjects' }), current })
    const flusher = startSegments(() => current().parts)
    stops.push(async (graceMs) => {
      await Promise.all([
        slots.stop(graceMs),
        calls?.stop(graceMs),
        deliveries?.stop(graceMs),
        eraser.stop(),
        flusher.stop(),
      ])
      await functions.close()
    })
  }

  /** With children of their own: what waits is not to wait for long builds. */
  function startSegments(current: () => FactoryParts): { stop(): Promise<void> } {
    const own = log.with({ part: 'segments' })
    const lanes = config.appendSlots
    const engine = openEngine({ slots: lanes, log: own, clock })
    if (current().datasets.some(isAppendSource)) engine.warm()
    const flusher = startFlusher({
      catalog,
      clock,
      log: own,
      current,
      engine,
      lanes,
      busy: noteBusy,
    })
    return {
      async stop() {
        await flusher.stop()
        await engine.close()
      },
    }
  }

  const starters: Readonly<Record<PartName, () => void>> = {
    api: () => {},
    worker: startWorker,
    notifier() {
      const deliverer = startDeliverer({ ...taskParts, log: log.with({ part: 'notifier' }) })
      const events = startSubscriptionSender({ ...parts, log: log.with({ part: 'notifier' }) })
      const smtp = smtpOf(config)
      const mail = smtp && startMailSender({ ...parts, smtp, log: log.with({ part: 'notifier' }) })
      stops.push(async (graceMs) => {
        await Promise.all([deliverer.stop(graceMs), events.stop(graceMs), mail?.stop(graceMs)])
      })
    },
    scheduler() {
      const datasets = () => deployed.current().parts.datasets
      const scheduler = startScheduler({ ...parts, datasets, log: log.with({ part: 'scheduler' }) })
      const sweeping = startSweeping({ ...parts, log: log.with({ part: 'sweep' }) })
      const expiring = startSweepingDeliveries({ ...parts, log: log.with({ part: 'deliveries' }) })
      const reports = parts.startReports()
      const deleting = startDeleting({ ...parts, log: log.with({ part: 'deletions' }) })
      stops.push(async (graceMs) => {
        await Promise.all([
          scheduler.stop(),
          sweeping.stop(),
          expiring.stop(),
          deleting.stop(),
          reports.stop(graceMs),
        ])
      })
    },
  }

  return {
    start(names) {
      for (const name of names) {
        if (started.has(name)) continue
        started.add(name)
        starters[name]()
      }
    },
    services: {
      definition,
      async checkLeases() {
        for (const dispatcher of dispatchers) await dispatcher.checkLeases()
      },
    },
    idleMs: () => (underWay > 0 ? 0 : clock.monotonicMs() - busyUntilMs),
    async stop(graceMs) {
      await Promise.all(stops.splice(0).map((stop) => stop(graceMs)))
      dispatchers.length = 0
      started.clear()
    },
  }
}
