import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

import { openParts, type OpenParts, type Wrap } from '#app/compose.ts'
import { parseConfig } from '#app/config.ts'
import { setSourceOptions } from '#catalog/options.ts'
import { createTenant, tenantBySlug } from '#catalog/tenants.ts'
import { systemClock } from '#kernel/clock.ts'
import { silentLogger, type Logger } from '#kernel/logger.ts'
import { systemRandom } from '#kernel/random.ts'
import type { Plan, PlanRequest } from '#model/plan.ts'
import type { RunView } from '#model/run-view.ts'
import type { Tenant } from '#model/tenant.ts'
import { afterwards } from './afterwards.ts'
import { testSecretKeyFile } from './secret-key.ts'

export interface MillraceOptions {
  /** A home to open again; default: a new one that goes with the test. */
  readonly home?: string
  /** PostgreSQL for the catalog; default: the embedded one. */
  readonly databaseUrl?: string | undefined
  readonly slots?: number
  /** Further settings, by the names of their variables. */
  readonly env?: Readonly<Record<string, string>>
  /** Folders of further packs. */
  readonly packs?: readonly string[]
  readonly tenant?: string
  readonly wrap?: Wrap
  readonly log?: Logger
  /** False: nothing is claimed before `parts.startWorking()`. */
  readonly working?: boolean
}

/** A whole Millrace in this process, with a worker; one tenant of it. */
export interface TestMillrace {
  readonly home: string
  readonly parts: OpenParts
  readonly tenant: Tenant
  /** Replaces the options of a source: `{ location, endpoint, … }`. */
  configure(source: string, options: Readonly<Record<string, unknown>>): Promise<void>
  plan(request?: Partial<PlanRequest>): Promise<Plan>
  /** Plans, runs and waits for the end; null where there was nothing to do. */
  run(request?: Partial<PlanRequest>): Promise<RunView | null>
  /** As `run`; throws unless the run ends `done`. */
  runWell(request?: Partial<PlanRequest>): Promise<RunView>
  close(): Promise<void>
}

export async function buildFolder(t: TestContext, name = 'millrace'): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `${name}-`))
  afterwards(t, () => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

export async function openMillrace(
  t: TestContext,
  options: MillraceOptions = {},
): Promise<TestMillrace> {
  const home = options.home ?? (await buildFolder(t))
  const millrace = await openMillraceIn(home, options)
  afterwards(t, () => millrace.close())
  return millrace
}

/** Outside of a test: whoever calls it closes it and removes the home. */
export async function openMillraceIn(
  home: string,
  options: MillraceOptions = {},
): Promise<TestMillrace> {
  const { wrap, log = silentLogger, slots = 2, tenant: slug = 'default' } = options
  const config = parseConfig({
    MILLRACE_HOME: home,
    MILLRACE_SLOTS: String(slots),
    MILLRACE_MEMORY: '1GiB',
    MILLRACE_PACKS: options.packs?.join(','),
    DATABASE_URL: options.databaseUrl,
    MILLRACE_SECRET_KEY_FILE: options.databaseUrl && (await testSecretKeyFile(home)),
    MILLRACE_EGRESS_ALLOW: '127.0.0.1',
    ...options.env,
  })
  const parts = await openParts(config, {
    clock: systemClock,
    random: systemRandom,
    log,
    ...(wrap && { wrap }),
  })
  const tenant =
    (await tenantBySlug(parts.catalog, slug)) ?? (await createTenant(parts.catalog, slug))
  if (options.working !== false) parts.startWorking()
  let closed: Promise<void> | undefined

  const toRequest = (request: Partial<PlanRequest>): PlanRequest => ({
    datasets: [],
    partitions: null,
    mode: 'run',
    ...request,
  })

  async function run(request: Partial<PlanRequest> = {}): Promise<RunView | null> {
    const why = { cause: 'test', title: JSON.stringify(request) }
    const started = await parts.factory.start(tenant, toRequest(request), why)
    return started.run ? waitForEnd(parts, tenant, started.run.id) : null
  }

  return {
    home,
    parts,
    tenant,
    configure: (source, sourceOptions) =>
      parts.catalog.asTenant(tenant, (session) => setSourceOptions(session, source, sourceOptions)),
    plan: (request = {}) => parts.factory.plan(tenant, toRequest(request)),
    run,
    async runWell(request) {
      const view = await run(request)
      if (view?.run.state === 'done') return view
      throw new Error(`the run ended ${view?.run.state ?? 'before it began'}: ${describe(view)}`)
    },
    close: () => (closed ??= parts.close()),
  }
}

export async function waitForEnd(
  parts: Pick<OpenParts, 'factory'>,
  tenant: Tenant,
  runId: string,
): Promise<RunView> {
  let view = await parts.factory.view(tenant, runId)
  while (view.run.state === 'running') {
    view = await parts.factory.view(tenant, runId, { after: view.revision, waitMs: 10_000 })
  }
  return view
}

function describe(view: RunView | null): string {
  if (!view) return 'there was nothing to do'
  const failures = view.failures.filter(({ state }) => state !== 'skipped').slice(0, 5)
  return JSON.stringify(failures, null, 2)
}
