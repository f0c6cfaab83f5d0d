import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'

import type { Config } from '#app/config.ts'
import { packFolders } from '#app/read-packs.ts'
import type { Catalog } from '#catalog/catalog.ts'
import { setSourceOptions } from '#catalog/options.ts'
import { listRuns } from '#catalog/runs.ts'
import { tenantBySlug } from '#catalog/tenants.ts'
import type { Samples, SampleSize } from '#definitions/samples.ts'
import type { Factory } from '#factory/factory.ts'
import { MillraceError } from '#kernel/errors.ts'
import { formatBytes, formatCount } from '#kernel/units.ts'
import type { Run } from '#model/run.ts'
import type { Tenant } from '#model/tenant.ts'

export const DEMO_TENANT = 'demo'

interface DemoParts {
  readonly config: Config
  readonly catalog: Catalog
  readonly factory: Factory
}

/**
 * Gives the tenant `demo` the sample data of every pack that brings some, and starts a run over all
 * of it. A first run that was cut short goes on. Null where the tenant has been used otherwise:
 * nobody's data is ever mixed with samples.
 */
export async function startDemo(
  parts: DemoParts,
  size: SampleSize,
  report: (line: string) => void,
): Promise<{ readonly tenant: Tenant; readonly run: Run } | null> {
  const tenant = await tenantBySlug(parts.catalog, DEMO_TENANT)
  if (!tenant) throw new MillraceError('tenant-unknown', { tenant: DEMO_TENANT })
  const [former] = await parts.catalog.asTenant(tenant, (session) =>
    listRuns(session, { limit: 1 }),
  )
  if (former && (former.cause !== 'demo' || former.state === 'done')) return null
  if (former?.state === 'running') return { tenant, run: former }
  if (!former) {
    for (const pack of packFolders(parts.config)) {
      await loadSamples(parts, tenant, pack, size, report)
    }
  }
  const request = { datasets: [], partitions: null, mode: 'run' as const }
  const why = { cause: 'demo', title: 'sample data of the tenant demo' }
  const { run } = await parts.factory.start(tenant, request, why)
  return run && { tenant, run }
}

async function loadSamples(
  parts: DemoParts,
  tenant: Tenant,
  pack: string,
  size: SampleSize,
  report: (line: string) => void,
): Promise<void> {
  const module = ['demo.ts', 'demo.js']
    .map((name) => join(pack, 'samples', name))
    .find((path) => existsSync(path))
  if (!module) return
  const { default: samples } = (await import(pathToFileURL(module).href)) as { default: Samples }
  const folder = join(parts.config.home, 'samples', basename(pack))
  await mkdir(folder, { recursive: true })
  const { locations, files } = await samples.write(folder, size)
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  const rows = files.reduce((sum, file) => sum + file.rows, 0)
  report(
    `${basename(pack)}: wrote ${files.length} files, ${formatCount(rows)} rows, ${formatBytes(bytes)} (${samples.description})`,
  )
  await parts.catalog.asTenant(tenant, async (session) => {
    for (const [source, location] of Object.entries(locations)) {
      await setSourceOptions(session, source, { location })
    }
  })
}
