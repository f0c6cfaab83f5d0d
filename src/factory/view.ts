import { runProgress, type RunProgress } from '#catalog/run-progress.ts'
import { runFindings } from '#catalog/runs.ts'
import type { FactoryParts } from '#factory/parts.ts'
import { sha256 } from '#kernel/hash.ts'
import { EXPAND } from '#model/plan.ts'
import type { RunView } from '#model/run-view.ts'
import type { Tenant } from '#model/tenant.ts'

type Parts = Pick<FactoryParts, 'board' | 'catalog' | 'clock' | 'datasets' | 'limits'>

/** Never asks the catalog more often than this, and never for more than a twentieth of the time. */
const ASK_LEAST_MS = 50
const PAUSE_PER_COST = 19
/** Other processes' changes are found by asking again. */
const ASK_AGAIN_MS = 200

/** The run as it is now. */
export async function viewRun(parts: Parts, tenant: Tenant, runId: string): Promise<RunView> {
  const kinds = new Map(parts.datasets.map(({ name, kind }) => [name, kind]))
  const { progress, findings } = await parts.catalog.asTenant(tenant, async (session) => ({
    progress: await runProgress(session, runId),
    findings: await runFindings(session, runId),
  }))
  const view = {
    run: progress.run,
    datasets: progress.datasets.filter(isDataset).map((entry) => ({
      ...entry,
      kind: kinds.get(entry.dataset) ?? ('analysis' as const),
    })),
    active: parts.board.ofRun(runId).filter(isDataset),
    failures: progress.failures,
    ...findings,
    remainingMs: progress.run.state === 'running' ? remaining(progress, parts.limits.slots) : null,
  }
  return { ...view, revision: sha256(JSON.stringify(view)).slice(0, 16) }
}

/** Planning on is the factory's own business, not work on a dataset. */
function isDataset(entry: { readonly dataset: string }): boolean {
  return entry.dataset !== EXPAND
}

/** Waits until the view differs from `after`; at the latest after `waitMs` it returns what there is. */
export async function waitForView(
  parts: Parts,
  tenant: Tenant,
  runId: string,
  wait: { readonly after: string; readonly waitMs: number; readonly signal?: AbortSignal },
): Promise<RunView> {
  const untilMs = parts.clock.monotonicMs() + wait.waitMs
  for (;;) {
    const askedMs = parts.clock.monotonicMs()
    const view = await viewRun(parts, tenant, runId)
    const costMs = parts.clock.monotonicMs() - askedMs
    const leftMs = untilMs - parts.clock.monotonicMs()
    if (view.revision !== wait.after || leftMs <= 0) return view
    const pauseMs = Math.max(ASK_LEAST_MS, PAUSE_PER_COST * costMs)
    await parts.clock.sleep(Math.min(pauseMs, leftMs), wait.signal)
    await changeOrTime(parts, runId, Math.min(ASK_AGAIN_MS, leftMs), wait.signal)
  }
}

/** A change in this process wakes at once; other processes' changes are found by asking again. */
async function changeOrTime(
  parts: Parts,
  runId: string,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const over = new AbortController()
  const changed = Promise.withResolvers<void>()
  const forget = parts.board.onChange(runId, changed.resolve)
  const signals = signal ? AbortSignal.any([signal, over.signal]) : over.signal
  try {
    await Promise.race([changed.promise, parts.clock.sleep(ms, signals).catch(() => {})])
    signal?.throwIfAborted()
  } finally {
    over.abort()
    forget()
  }
}

/** From what this run's own tasks have taken so far, else from the plan's estimate; null: unknown. */
function remaining({ run, datasets }: RunProgress, slots: number): number | null {
  const { estimatedMs, tasks } = run.plan
  const planned = estimatedMs === null ? null : estimatedMs / Math.max(1, tasks)
  let total = 0
  for (const { counts, wallMs } of datasets) {
    const open = counts.waiting + counts.ready + counts.running
    const ended = counts.done + counts.held + counts.failed
    const each = ended > 0 ? wallMs / ended : planned
    if (open === 0) continue
    if (each === null) return null
    total += open * each
  }
  return Math.round(total / slots)
}
