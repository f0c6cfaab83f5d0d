import { createHash } from 'node:crypto'

import { setGlobalLimit, setLimit } from '#catalog/limits.ts'
import { seededRandom } from '#kernel/random.ts'
import { brandTenant, type Tenant } from '#model/tenant.ts'
import { openClient, type Client } from './client.ts'
import { createFaults } from './faults.ts'
import { createGate } from './gate.ts'
import { createInspector, type KnownLimit } from './inspector.ts'
import type { Planted } from './planted.ts'
import { createSchedule, type Actor } from './schedule.ts'
import type { Store } from './store.ts'
import type { Surroundings } from './surroundings.ts'
import { startWorker, type Process } from './worker.ts'
import { createWorld } from './world.ts'

export interface SimulationOptions {
  readonly seed: number
  /** Steps in which faults happen and the client asks for more; then everything must come to rest. */
  readonly steps: number
  readonly planted?: Planted | null
  /** Called with every line of the trace. */
  readonly trace?: (line: string) => void
}

export interface SimulationResult {
  /** SHA-256 over the whole trace: equal for equal seeds. */
  readonly hash: string
  readonly steps: number
  readonly simulatedMs: number
  /** One sentence each; empty: everything held. */
  readonly faults: readonly string[]
  readonly coverage: ReadonlyMap<string, number>
  readonly runs: number
  readonly tasks: number
}

/** Transactions after which free slots are told of ready tasks. */
const MAKES_READY = new Set(['start', 'post', 'end', 'publish', 'return', 'renew', 'cancel'])
const WORKERS = 2
const LEASE_MS = 3_000
/** Whole sweeps are dear, so every so many steps. */
const SWEEP_EVERY = 40
const REST_STEPS_MAX = 4_000
const CLOCK_STEP_RATE = 0.004
const REAL_EPOCH_MS = Date.UTC(2026, 0, 1)

/** One world with its workers and a client, from the first step until everything has come to rest. */
export async function simulate(
  store: Store<Actor>,
  options: SimulationOptions,
): Promise<SimulationResult> {
  const random = seededRandom(options.seed)
  const hash = createHash('sha256')
  const note = (line: string) => {
    hash.update(`${line}\n`)
    options.trace?.(line)
  }
  const schedule = createSchedule(random, note)
  const faults = createFaults(random)
  const world = createWorld()
  const breaches: string[] = []
  /** How far the database's clock is off. */
  let clockOffMs = 0
  let steps = 0
  let born = 0
  const committed: { actor: Actor; about: string }[] = []
  const workers = new Set<Process>()

  await store.reset()
  const nowMs = () => Math.round(REAL_EPOCH_MS + schedule.nowMs() + clockOffMs)
  store.setNow(nowMs())
  const tenants = await makeTenants(store)
  const limits = await makeLimits(store, tenants)
  const inspector = createInspector(store, world, tenants, limits, nowMs)

  function die(actor: Actor): void {
    if (actor.dead) return
    note(`${actor.name} is dead`)
    actor.dead = true
    for (const worker of workers) {
      if (worker.actor !== actor) continue
      workers.delete(worker)
      const god: Actor = {
        name: 'supervisor',
        mortal: false,
        dead: false,
        frozenUntilMs: 0,
      }
      void schedule
        .wait(god, 'replaces a worker', schedule.nowMs() + random.next() * 4_000)
        .then(bear)
    }
  }

  const around: Surroundings = {
    store,
    world,
    schedule,
    faults,
    random,
    tenants,
    leaseMs: LEASE_MS,
    planted: options.planted ?? null,
    note,
    die,
    breach: (sentence) => void breaches.push(sentence),
  }

  function bear(): void {
    workers.add(startWorker(`w${++born}`, around))
  }

  store.use(
    createGate({
      schedule,
      faults,
      random,
      leaseMs: LEASE_MS,
      die,
      committed: (actor, about) => {
        note(`${actor.name} committed ${about}`)
        if (about !== 'read' && about !== 'log') committed.push({ actor, about })
      },
    }),
  )
  /** Notices get lost; polling must make up for it. */
  function tell(): void {
    for (const { actor, listeners } of workers) {
      if (!actor.dead && random.next() < 0.9) for (const listener of listeners) listener()
    }
  }
  const client = openClient('client', around)
  for (let worker = 0; worker < WORKERS; worker++) bear()
  void client.live()

  async function step(): Promise<void> {
    store.setNow(nowMs())
    await schedule.step()
    steps++
    for (const { actor, about } of committed.splice(0)) {
      await inspector.inspect(actor, about)
      if (MAKES_READY.has(about)) tell()
    }
    if (steps % SWEEP_EVERY === 0) await inspector.sweep()
  }

  const sound = () => inspector.faults.length === 0 && breaches.length === 0
  while (steps < options.steps && sound()) {
    if (random.next() < CLOCK_STEP_RATE) {
      clockOffMs += (random.next() - 0.5) * 6 * LEASE_MS
      note(`the database's clock is off by ${Math.round(clockOffMs)}`)
    }
    await step()
  }
  faults.stop()
  client.stop()
  await comeToRest('what was asked for', () => inspector.open() === 0)
  if (sound()) await finishEverything(client)
  await inspector.sweep()
  for (const { actor } of [...workers, client.process]) actor.dead = true
  await schedule.step()
  const all = [...breaches, ...inspector.faults]
  for (const fault of all) note(fault)
  return {
    hash: hash.digest('hex'),
    steps,
    simulatedMs: schedule.nowMs(),
    faults: [...new Set(all)],
    coverage: faults.counts,
    runs: client.acknowledged.runs.length,
    tasks: client.acknowledged.tasks.length,
  }

  async function comeToRest(what: string, isOver: () => boolean): Promise<void> {
    const until = steps + REST_STEPS_MAX
    while (sound() && !isOver() && steps < until) await step()
    if (sound() && !isOver())
      breaches.push(`${what} does not end: ${inspector.open()} tasks are open`)
  }

  /** Nothing acknowledged is lost; and one more run, undisturbed, serves what the objects say. */
  async function finishEverything({ acknowledged, factory }: Client): Promise<void> {
    const runs = await store.admin<{ id: string; state: string }>('SELECT id, state FROM run')
    const states = new Map(runs.map(({ id, state }) => [id, state]))
    for (const id of acknowledged.runs) {
      if (!states.has(id)) breaches.push(`run ${id} was acknowledged and is not there`)
      if (states.get(id) === 'running')
        breaches.push(`run ${id} has no open task and has not ended`)
    }
    const tasks = await store.admin<{ id: number; state: string }>(
      `SELECT id, state FROM task WHERE run_id = ''`,
    )
    const known = new Map(tasks.map(({ id, state }) => [id, state]))
    for (const id of acknowledged.tasks) {
      if (known.get(id) !== 'done') {
        breaches.push(`task ${id} was acknowledged and is ${known.get(id) ?? 'not there'}`)
      }
    }
    for (const tenant of tenants) {
      let over = false
      const request = { datasets: ['events'], partitions: null, mode: 'run' } as const
      void factory
        .start(tenant, request, { cause: 'simulated', title: 'the last run' })
        .catch((error: unknown) => breaches.push(`the last run does not start: ${String(error)}`))
        .finally(() => (over = true))
      await comeToRest(`the last run of ${tenant.slug}`, () => over && inspector.open() === 0)
      if (!sound()) return
      await compare(tenant)
    }
  }

  async function compare(tenant: Tenant): Promise<void> {
    const rows = await store.admin<{ name: string; version: string }>(
      `SELECT dataset || ' ' || partition AS name, data_version AS version FROM partition_pointer
       WHERE tenant_id = $1 AND version_id IS NOT NULL`,
      [tenant.id],
    )
    const served = new Map(rows.map(({ name, version }) => [name, version]))
    const expected = world.expected(tenant.slug)
    for (const [name, version] of expected) {
      if (served.get(name) === version) continue
      breaches.push(
        `${tenant.slug} serves ${name} as ${served.get(name)}, the objects say ${version}`,
      )
    }
    for (const [name, version] of served) {
      if (expected.has(name) || version.endsWith(':0')) continue
      breaches.push(`${tenant.slug} serves ${name}, which no object holds`)
    }
  }
}

async function makeTenants(store: Store<Actor>): Promise<Tenant[]> {
  const tenants: Tenant[] = []
  for (const slug of ['acme', 'globex']) {
    const [row] = await store.admin<{ id: number }>('SELECT tenant_create($1) AS id', [slug])
    tenants.push(brandTenant(row?.id ?? 0, slug))
  }
  return tenants
}

async function makeLimits(
  store: Store<Actor>,
  tenants: readonly Tenant[],
): Promise<readonly KnownLimit[]> {
  const [acme] = tenants as readonly [Tenant]
  const { catalog } = store
  await catalog.asTenant(acme, (session) =>
    setLimit(session, { scope: 'tenant', value: '', runningMax: 3 }, 'operator'),
  )
  await catalog.asSystem((session) =>
    setGlobalLimit(session, { scope: 'dataset', value: 'mail', runningMax: 2 }),
  )
  return [
    { tenantId: acme.id, dataset: null, running: 3 },
    { tenantId: null, dataset: 'mail', running: 2 },
  ]
}
