import { reportProgress } from '#catalog/background-ends.ts'
import type { TaskOrder, TaskProgress } from '#catalog/background-tasks.ts'
import type { LogLine } from '#catalog/logs.ts'
import type { ClaimedTask } from '#model/run.ts'
import type { Tenant } from '#model/tenant.ts'
import { writeEnds, type Ended, type Outcome } from '#tasks/batch-ends.ts'
import type { TaskParts } from '#tasks/parts.ts'

/** What happens to the tasks of a batch, on its way into the catalog: together, but soon. */
export interface BatchRecord {
  readonly tenant: Tenant
  end(index: number, outcome: Outcome): void
  progress(index: number, progress: TaskProgress): void
  log(index: number, message: string): void
  /** Resolves when all is written. */
  close(): Promise<void>
}

/** An end is written after this time at the latest, with all that have come since. */
const ENDS_MS = 250
/** Progress and lines of logs may come a thousand times a second. */
const NEWS_MS = 1_000
const LINES_MAX = 1_000
const LINE_CHARACTERS_MAX = 4_000

export function openBatchRecord(
  parts: TaskParts,
  tenant: Tenant,
  batch: readonly ClaimedTask[],
  orders: ReadonlyMap<number, TaskOrder>,
): BatchRecord {
  const closed = new AbortController()
  const lineCounts = new Map<number, number>()
  let ends: Ended[] = []
  let lines: LogLine[] = []
  let latest = new Map<number, TaskProgress>()
  let endsAwaited = false
  let newsAwaited = false
  let writing: Promise<void> = Promise.resolve()

  function write(): Promise<void> {
    writing = writing.then(async () => {
      const [someEnds, someLines, someProgress] = [ends, lines, latest]
      ends = []
      lines = []
      latest = new Map()
      endsAwaited = false
      newsAwaited = false
      try {
        await writeProgress(someProgress, someEnds)
        await writeEnds(parts, tenant, someEnds, someLines)
      } catch (error) {
        // Their leases run out, and they are tried again.
        parts.log.error('writing how tasks ended', { error, tasks: someEnds.length })
      }
    })
    return writing
  }

  async function writeProgress(
    progress: ReadonlyMap<number, TaskProgress>,
    ended: readonly Ended[],
  ): Promise<void> {
    if (progress.size === 0) return
    const over = new Set(
      ended.filter(({ outcome }) => outcome.as === 'released').map(({ task }) => task.id),
    )
    await parts.catalog.asTenant(tenant, async (session) => {
      for (const [index, one] of progress) {
        const { id, fence } = batch[index] as ClaimedTask
        if (!over.has(id)) await reportProgress(session, { taskId: id, fence }, one)
      }
    })
  }

  function soon(ms: number): void {
    parts.clock.sleep(ms, closed.signal).then(
      () => void write(),
      () => {},
    )
  }
  function soonNews(): void {
    if (newsAwaited) return
    newsAwaited = true
    soon(NEWS_MS)
  }

  return {
    tenant,
    end(index, outcome) {
      const task = batch[index] as ClaimedTask
      ends.push({ task, retry: orders.get(task.id)?.retry ?? null, outcome })
      if (endsAwaited) return
      endsAwaited = true
      soon(ENDS_MS)
    },
    progress(index, progress) {
      latest.set(index, progress)
      soonNews()
    },
    log(index, message) {
      const { id, attempt } = batch[index] as ClaimedTask
      const count = (lineCounts.get(id) ?? 0) + 1
      lineCounts.set(id, count)
      if (count > LINES_MAX) return
      const cut = count === LINES_MAX ? 'further lines of this attempt are left out' : message
      lines.push({
        taskId: id,
        attempt,
        at: parts.clock.now(),
        level: 'info',
        message: cut.slice(0, LINE_CHARACTERS_MAX),
      })
      soonNews()
    },
    async close() {
      closed.abort()
      await write()
    },
  }
}
