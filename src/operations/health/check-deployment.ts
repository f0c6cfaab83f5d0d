import { currentDeployment } from '#catalog/deployments.ts'
import { ok, type Check } from '#operations/health/finding.ts'

/** Leases and schedules go by the database's clock, logs by this machine's: they should agree. */
const SKEW_MS = 5_000

export const checkDeployment: Check = async ({ catalog, deployments }) => {
  const current = await catalog.asSystem(currentDeployment)
  if (!current) {
    return { state: 'problem', detail: 'nothing is deployed', remedy: 'Run `millrace deploy`.' }
  }
  const packs = await deployments.packsOf(current.codeHash)
  const datasets = packs.reduce((sum, pack) => sum + pack.datasets.length, 0)
  const tasks = packs.reduce((sum, pack) => sum + pack.tasks.length, 0)
  const names = packs.map(({ name }) => name).join(', ')
  return ok(
    `number ${current.id} of ${current.createdAt.toISOString().slice(0, 16)}Z can be loaded: ${names}, ${datasets} datasets, ${tasks} functions`,
  )
}

export const checkClock: Check = async ({ catalog, clock }) => {
  const before = clock.now().getTime()
  const [row] = await catalog.asSystem((session) =>
    session.query<{ now: Date }>('SELECT millrace_now() AS now'),
  )
  const after = clock.now().getTime()
  const theirs = row?.now.getTime() ?? after
  const skewMs = Math.max(before - theirs, theirs - after, 0)
  if (skewMs < SKEW_MS) return ok('agrees with the clock of the database')
  const ahead = theirs < before ? 'ahead of' : 'behind'
  return {
    state: 'warning',
    detail: `this machine is ${(skewMs / 1000).toFixed(0)} s ${ahead} the database`,
    remedy: 'Let both machines follow a time server (NTP); leases go by the database.',
  }
}
