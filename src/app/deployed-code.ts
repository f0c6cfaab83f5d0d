import type { Catalog } from '#catalog/catalog.ts'
import { codeHashOfRun, currentDeployment } from '#catalog/deployments.ts'
import { openDeployments, type Deployments } from '#factory/deployments.ts'
import { createFactory } from '#factory/create-factory.ts'
import type { CodeShelf, LoadedCode } from '#factory/code-shelf.ts'
import type { Factory } from '#factory/factory.ts'
import type { FactoryParts } from '#factory/parts.ts'
import { openTenantPacks, type TenantPacks } from '#factory/tenant-packs.ts'
import type { Clock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Logger } from '#kernel/logger.ts'
import type { Lake } from '#lake/lake.ts'
import type { ClaimedTask } from '#model/run.ts'
import type { Tenant } from '#model/tenant.ts'

/** The deployed code as this process uses it, and what it changes with. */
export interface DeployedCode {
  /** Of the deployment that is current. */
  current(): CodeInUse
  /** Stands for the current code's factory, whichever that is at each call. */
  readonly factory: Factory
  readonly deployments: Deployments
  /** Parts of the code that a task's run was planned with. Throws `code-unreadable`. */
  partsOf(tenant: Tenant, task: ClaimedTask): Promise<FactoryParts>
  /** What each tenant sees of the code. */
  readonly tenantPacks: TenantPacks
  /** Looks now whether somebody has deployed. */
  refresh(): Promise<void>
  /** Looks every few seconds from now on. */
  follow(): void
  stop(): void
}

export interface CodeInUse {
  readonly code: LoadedCode
  readonly parts: FactoryParts
  readonly factory: Factory
}

/** A deployment is in use everywhere after this time. */
const LOOK_EVERY_MS = 2_000
const RUNS_REMEMBERED = 1_000

/** Before anything is deployed: no datasets. */
const NOTHING: LoadedCode = {
  hash: '',
  packs: [],
  datasets: [],
  endpoints: [],
  fileOf: (source) => {
    throw new Error(`${source.name} is not deployed`)
  },
}

export async function openDeployedCode(base: {
  readonly catalog: Catalog
  readonly lake: Lake
  readonly shelf: CodeShelf
  readonly clock: Clock
  readonly log: Logger
  /** Parts for one code; asked once for each. */
  partsFor(code: LoadedCode): FactoryParts
  /** Where the code comes from another catalog, it is brought by this. */
  beforeLook(): Promise<void>
  onCancel(): Promise<void>
  readonly endpointKeepMs: number
}): Promise<DeployedCode> {
  const { catalog, lake, shelf, clock, log } = base
  const inUse = new Map<string, CodeInUse>()
  const hashes = new Map<string, string | null>()
  const tenantPacks = openTenantPacks(catalog, clock)
  const stopping = new AbortController()
  let current = use(NOTHING)

  function use(code: LoadedCode): CodeInUse {
    const known = inUse.get(code.hash)
    if (known) return known
    const parts = base.partsFor(code)
    const made = { code, parts, factory: createFactory(parts, base.onCancel, tenantPacks) }
    inUse.set(code.hash, made)
    return made
  }

  async function refresh(): Promise<void> {
    await base.beforeLook()
    const deployment = await catalog.asSystem(currentDeployment)
    const hash = deployment?.codeHash ?? ''
    if (hash === current.code.hash) return
    current = use(hash === '' ? NOTHING : await shelf.load(hash))
    log.info('took up a deployment', { deployment: deployment?.id, hash })
  }

  async function hashOf(tenant: Tenant, runId: string): Promise<string | null> {
    const known = hashes.get(runId)
    if (known !== undefined) return known
    const hash = await catalog.asTenant(tenant, (session) => codeHashOfRun(session, runId))
    if (hashes.size >= RUNS_REMEMBERED) hashes.clear()
    hashes.set(runId, hash)
    return hash
  }

  async function follow(): Promise<void> {
    while (!stopping.signal.aborted) {
      await clock.sleep(LOOK_EVERY_MS, stopping.signal).catch(() => {})
      if (stopping.signal.aborted) return
      // What runs goes on with the code that it has.
      await refresh().catch((error: unknown) => log.warn('looking for a deployment', { error }))
    }
  }

  await refresh().catch((error: unknown) => {
    // Without it nothing can be planned; but `deploy`, which brings it back, goes through here, too.
    if (!(error instanceof MillraceError) || error.code !== 'code-unreadable') throw error
    log.error('the deployed code cannot be loaded', { error })
  })
  return {
    current: () => current,
    factory: standIn(() => current.factory),
    deployments: openDeployments({
      catalog,
      lake,
      shelf,
      endpointKeepMs: base.endpointKeepMs,
      onChange: refresh,
    }),
    refresh,
    async partsOf(tenant, task) {
      const hash = task.runId === '' ? null : await hashOf(tenant, task.runId)
      if (hash === null || hash === current.code.hash) return current.parts
      return use(await shelf.load(hash)).parts
    },
    tenantPacks,
    follow: () => void follow(),
    stop: () => stopping.abort(),
  }
}

/** An object that passes everything on to the one that is current. */
function standIn<T extends object>(now: () => T): T {
  return new Proxy({} as T, {
    get: (_target, name) => Reflect.get(now(), name) as unknown,
    has: (_target, name) => Reflect.has(now(), name),
  })
}
