import { listWorkers } from '#catalog/workers.ts'
import { ok, type Check } from '#operations/health/finding.ts'

/** Somebody has to carry tasks out: in an embedded home this process does, in a shared one workers. */
export const checkWorkers: Check = async ({ catalog }) => {
  const workers = await catalog.asSystem(listWorkers)
  const running = workers.filter(({ state }) => state === 'running')
  const gone = workers.filter(({ state }) => state === 'gone')
  const slots = running.reduce((sum, worker) => sum + worker.slots, 0)
  const busy = running.reduce((sum, worker) => sum + worker.busy, 0)
  const hosts = new Set(running.map(({ host }) => host)).size
  const detail = `${running.length} on ${hosts} machines, ${busy} of ${slots} slots at work`
  if (running.length === 0 && catalog.engine === 'pglite') {
    return ok('none at work: `millrace serve`, and commands that run something, bring their own')
  }
  if (running.length === 0) {
    return {
      state: 'warning',
      detail: 'no worker is alive: nothing that is asked for begins',
      remedy: 'Start `millrace worker` on some machine.',
    }
  }
  if (gone.length === 0) return ok(detail)
  const names = gone.slice(0, 3).map(({ id }) => id)
  return {
    state: 'warning',
    detail: `${detail}; ${gone.length} stopped answering within the last hour: ${names.join(', ')}`,
    remedy:
      'Look at those machines; their tasks have gone to others. `millrace workers list` shows all.',
  }
}
