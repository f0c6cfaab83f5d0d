import { createKey } from '#catalog/keys.ts'
import type { Catalog } from '#catalog/catalog.ts'
import { setSourceOptions } from '#catalog/options.ts'
import { createTenant, tenantBySlug } from '#catalog/tenants.ts'
import { attack, type Quota } from '#chaos/attack.ts'
import { openTasks, workOf } from '#chaos/breaches.ts'
import { check, compareServed, type Findings } from '#chaos/check.ts'
import { openDeployment, type Deployment } from '#chaos/deployment.ts'
import { deployPack } from '#chaos/deploy-pack.ts'
import { openLoad } from '#chaos/load.ts'
import { locationOf, MONTHS, writeMonth, writeSamplePack } from '#chaos/sample-pack.ts'
import { openRemoteDoor } from '#cli/door/remote-door.ts'
import type { Clock } from '#kernel/clock.ts'
import { createIds } from '#kernel/ids.ts'
import { seededRandom, systemRandom, type Random } from '#kernel/random.ts'
import type { Lake } from '#lake/lake.ts'
import type { Tenant } from '#model/tenant.ts'
import { mintKey } from '#operations/keys/api-key.ts'
import { startRun } from '#operations/runs/start.ts'

export interface ChaosOptions {
  readonly seed: number
  /** Longest time of attacks. */
  readonly minutes: number
  readonly quota: Quota
  readonly workers: number
  readonly leaseMs: number
  /** Empty folder for homes, logs, inputs and the log of promises. */
  readonly folder: string
  readonly program: readonly string[]
  /** For the processes of the deployment: where its catalog and its lake are. */
  readonly environment: Readonly<Record<string, string>>
  /** Faults that are no process's, by name. */
  readonly others: Readonly<Record<string, () => Promise<void>>>
  readonly clock: Clock
  readonly report: (line: string) => void
}

export interface ChaosResult extends Findings {
  readonly kills: number
  readonly stalls: number
  /** What was hit while it did what → how often. */
  readonly coverage: ReadonlyMap<string, number>
  readonly tasks: number
  readonly runs: number
  readonly asked: number
  readonly unanswered: number
  /** Writes of attempts that had lost their lease, as the workers' logs tell: each was refused. */
  readonly staleRefused: number
  /** Processes that ended although nobody had killed them. */
  readonly ownEnds: readonly string[]
  /** Partitions that undisturbed work computes differently. */
  readonly different: readonly string[]
}

export const CHAOS_TENANTS = ['chaos', 'chaos-check']
const QUIET_MS_MAX = 300_000
const LOOK_MS = 250

/**
 * Real faults against a real deployment: servers, schedulers and workers as processes, a client that
 * writes down what it was promised, and somebody who kills and stops them meanwhile. When it is quiet
 * again every promise must have come true, once.
 */
export async function runChaos(
  { catalog, lake }: { readonly catalog: Catalog; readonly lake: Lake },
  options: ChaosOptions,
): Promise<ChaosResult> {
  const { clock, folder, report, leaseMs } = options
  const random = seededRandom(options.seed)
  const [own, reference] = await prepareTenants(catalog, clock, folder)
  for (const month of MONTHS) await writeMonth(folder, month, random)
  await deployPack(options, await writeSamplePack(folder))
  const deployment = openDeployment({
    ...options,
    environment: { ...options.environment, MILLRACE_LEASE: `${leaseMs}ms` },
    slots: 2,
    random,
  })
  const looking = new AbortController()
  try {
    await deployment.allReady()
    report(`${deployment.members.length} processes are ready`)
    const backlog = watchBacklog(catalog, own.tenant, clock, looking.signal)
    const addresses = () => apiAddresses(deployment)
    const load = openLoad({ folder, key: own.key, addresses, backlog, clock, random })
    const attacked = await underAttack(load, deployment, random)
    report(
      `${attacked.kills} kills and ${attacked.stalls} stalls are done; waiting until it is quiet`,
    )
    await deployment.allReady()
    await untilQuiet(catalog, own.tenant, clock)
    const address = apiAddresses(deployment)[0] ?? ''
    for (const { tenant, key } of [own, reference]) {
      const door = openRemoteDoor({ url: address, key, tenant: null })
      await door.invoke(startRun, { datasets: ['readings'], mode: 'run' })
      await untilQuiet(catalog, tenant, clock)
    }
    const findings = await check({ catalog, lake }, own.tenant, load.promises)
    const { tasks, runs, asked, unanswered } = load.promises
    return {
      ...attacked,
      ...findings,
      tasks: tasks.size,
      runs: runs.size,
      asked,
      unanswered,
      staleRefused: deployment.staleRefused(),
      ownEnds: deployment.ownEnds,
      different: await compareServed(catalog, own.tenant, reference.tenant),
    }
  } finally {
    looking.abort()
    await deployment.close()
  }

  async function underAttack(load: ReturnType<typeof openLoad>, hit: Deployment, chance: Random) {
    const over = new AbortController()
    const resting = new AbortController()
    const loading = load.run(resting.signal)
    void clock.sleep(options.minutes * 60_000, over.signal).then(
      () => over.abort(),
      () => {},
    )
    const { quota, others } = options
    const workers = (pid: number) =>
      catalog.asTenant(own.tenant, (session) => workOf(session, pid)).catch(() => null)
    const attacked = await attack(
      { deployment: hit, quota, leaseMs, clock, random: chance, workOf: workers, others, report },
      over.signal,
    )
    over.abort()
    resting.abort()
    await loading
    return attacked
  }
}

interface ChaosTenant {
  readonly tenant: Tenant
  readonly key: string
}

/** One for the load, one whose work nobody disturbs; both read the same files. */
async function prepareTenants(
  catalog: Catalog,
  clock: Clock,
  folder: string,
): Promise<readonly [ChaosTenant, ChaosTenant]> {
  const ids = createIds(clock, systemRandom)
  const prepare = async (slug: string): Promise<ChaosTenant> => {
    const tenant = (await tenantBySlug(catalog, slug)) ?? (await createTenant(catalog, slug))
    const { id, key, hash } = mintKey(ids, systemRandom)
    await catalog.asTenant(tenant, async (session) => {
      await createKey(session, { id, hash, name: 'chaos', permissions: ['read', 'run'] })
      await setSourceOptions(session, 'readings', { location: locationOf(folder) })
    })
    return { tenant, key }
  }
  const [own = '', reference = ''] = CHAOS_TENANTS
  return [await prepare(own), await prepare(reference)]
}

function apiAddresses({ members }: Deployment): string[] {
  return members.flatMap(({ role, state, address }) =>
    role === 'api' && state === 'ready' && address !== null ? [address] : [],
  )
}

/** How many tasks are open, looked up again and again; null while the catalog does not answer. */
function watchBacklog(
  catalog: Catalog,
  tenant: Tenant,
  clock: Clock,
  signal: AbortSignal,
): () => number | null {
  let open: number | null = 0
  const look = async () => {
    while (!signal.aborted) {
      open = await catalog.asTenant(tenant, openTasks).catch(() => null)
      await clock.sleep(LOOK_MS, signal).catch(() => {})
    }
  }
  void look()
  return () => open
}

async function untilQuiet(catalog: Catalog, tenant: Tenant, clock: Clock): Promise<void> {
  const untilMs = clock.monotonicMs() + QUIET_MS_MAX
  while (clock.monotonicMs() < untilMs) {
    const open = await catalog.asTenant(tenant, openTasks).catch(() => null)
    if (open === 0) return
    await clock.sleep(LOOK_MS)
  }
}
