import { runProgress } from '#catalog/run-progress.ts'
import { listRuns } from '#catalog/runs.ts'
import { listTenants } from '#catalog/tenants.ts'
import { ok, type Check } from '#operations/health/finding.ts'

/** A run that nobody has worked on for so long is stuck. */
const STUCK_MS = 60_000
const NAMED = 3

export const checkRuns: Check = async ({ catalog, clock }) => {
  const stuck: string[] = []
  let running = 0
  for (const tenant of await listTenants(catalog)) {
    await catalog.asTenant(tenant, async (session) => {
      for (const run of await listRuns(session, { limit: 100, state: 'running' })) {
        running++
        const progress = await runProgress(session, run.id)
        const ageMs = clock.now().getTime() - run.createdAt.getTime()
        if (progress.running.length === 0 && ageMs > STUCK_MS)
          stuck.push(`${run.id} (${tenant.slug})`)
      }
    })
  }
  if (stuck.length > 0) {
    return {
      state: 'warning',
      detail: `${stuck.length} of ${running} unfinished runs have no task at work: ${stuck.slice(0, NAMED).join(', ')}`,
      remedy:
        'Start `millrace serve`, which works on them, or end them with `millrace runs cancel`.',
    }
  }
  return ok(running === 0 ? 'none is unfinished' : `${running} at work`)
}

export const checkData: Check = async ({ catalog, factory }) => {
  const bad: string[] = []
  let partitions = 0
  let fresh = 0
  for (const tenant of await listTenants(catalog)) {
    for (const { dataset, partitions: all } of await factory.status(tenant, [])) {
      for (const { partition, state } of all) {
        // What was never built may simply not be wanted by this tenant.
        if (state !== 'missing') partitions++
        if (state === 'fresh') fresh++
        if (state === 'failed' || state === 'held')
          bad.push(`${tenant.slug} ${dataset} ${partition} ${state}`)
      }
    }
  }
  const detail = `${fresh} of ${partitions} partitions fresh`
  if (bad.length === 0) return ok(partitions === 0 ? 'no partition has been built yet' : detail)
  return {
    state: 'warning',
    detail: `${detail}; ${bad.length} need you: ${bad.slice(0, NAMED).join(', ')}`,
    remedy: '`millrace status --tenant <name>` says why; `millrace run` tries them again.',
  }
}
