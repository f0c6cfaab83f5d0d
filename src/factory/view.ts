import { loadCosts } from '#catalog/attempts.ts'
import { runProgress, type RunProgress } from '#catalog/run-progress.ts'
import { runFindings } from '#catalog/runs.ts'
import type { FactoryParts } from '#factory/parts.ts'
import { sha256 } from '#kernel/hash.ts'
import type { RunView } from '#model/run-view.ts'
import type { Tenant } from '#model/tenant.ts'

type Parts = Pick<FactoryParts, 'board' | 'catalog' | 'clock' | 'datasets' | 'limits'>

const ASK_AGAIN_MS = 100

/** The run as it is now. */
export async function viewRun(parts: Parts, tenant: Tenant, runId: string): Promise<RunView> {
  const kinds = new Map(parts.datasets.map(({ name, kind }) => [name, kind]))
  return parts.catalog.asTenant(tenant, async (session) => {
    const progress = await runProgress(session, runId)
    const ended = progress.run.state !== 'running'
    const findings = await runFindings(session, runId)
    const costs = ended
      ? []
      : await loadCosts(
          session,
          progress.datasets.map(({ dataset }) => dataset),
        )
    const view = {
      run: progress.run,
      datasets: progress.datasets.map((entry) => ({
        ...entry,
        kind: kinds.get(entry.dataset) ?? ('analysis' as const),
      })),
      active: parts.board.ofRun(runId),
      failures: progress.failures,
      ...findings,
      remainingMs: ended ? null : remaining(progress, costs, parts.limits.slots),
    }
    return { ...view, revision: sha256(JSON.stringify(view)).slice(0, 16) }
  })
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
    const view = await viewRun(parts, tenant, runId)
    const leftMs = untilMs - parts.clock.monotonicMs()
    if (view.revision !== wait.after || leftMs <= 0) return view
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

function remaining(
  progress: RunProgress,
  costs: readonly { readonly dataset: string; readonly wallMs: number }[],
  slots: number,
): number | null {
  const byDataset = new Map(costs.map(({ dataset, wallMs }) => [dataset, wallMs]))
  let total = 0
  for (const { dataset, counts } of progress.datasets) {
    const cost = byDataset.get(dataset)
    const open = counts.waiting + counts.ready + counts.running
    if (open === 0) continue
    if (cost === undefined) return null
    total += open * cost
  }
  return total / slots
}
