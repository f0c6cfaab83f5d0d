import type { Work as Perform } from '#factory/dispatcher.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Metrics } from '#kernel/metrics.ts'

export type SlotKind = 'slot' | 'call' | 'delivery'

/** Lets batches be carried out in the slots of this process, whichever catalog they come from. */
export type Slots = (kind: SlotKind, perform: Perform) => Perform

interface Kind {
  readonly slots: number
  busy: number
  readonly waiting: (() => void)[]
}

/**
 * So many batches of a kind at the same time, first come, first served. One dispatcher alone never
 * waits here, for it claims no more than it has slots; those of several catalogs do. What is aborted
 * while it waits goes on without a slot, for it does nothing but give its tasks back.
 */
export function openSlots(
  counts: Readonly<Record<SlotKind, number>>,
  { metrics, clock }: { readonly metrics: Metrics; readonly clock: Clock },
): Slots {
  const kinds = new Map<SlotKind, Kind>()
  metrics.gauge('millrace_slots', 'Slots of this process, by what they do.', () =>
    [...kinds].map(([kind, { slots }]) => ({ labels: { kind }, value: slots })),
  )
  metrics.gauge('millrace_slots_busy', 'Slots that a batch keeps at this moment.', () =>
    [...kinds].map(([kind, { busy }]) => ({ labels: { kind }, value: busy })),
  )
  const tasks = metrics.counter('millrace_tasks_begun_total', 'Tasks that this process began.')
  const seconds = metrics.histogram('millrace_batch_seconds', 'Time that a batch kept its slot.')

  return (name, perform) => {
    const kind = kinds.get(name) ?? { slots: counts[name], busy: 0, waiting: [] }
    kinds.set(name, kind)
    return async (batch, signal, settle, free) => {
      const leave = await enter(kind, signal)
      const labels = { kind: batch[0]?.kind ?? '', handler: batch[0]?.handler ?? '' }
      const startedMs = clock.monotonicMs()
      tasks.add(labels, batch.length)
      try {
        await perform(batch, signal, settle, (tasksMs) => {
          leave()
          free(tasksMs)
        })
      } finally {
        leave()
        seconds.observe(labels, (clock.monotonicMs() - startedMs) / 1000)
      }
    }
  }
}

/** Resolves with the way to give the slot back, which may be taken twice. */
async function enter(kind: Kind, signal: AbortSignal): Promise<() => void> {
  if (kind.busy < kind.slots) kind.busy++
  else if (!(await turn(kind, signal))) return () => {}
  let left = false
  return () => {
    if (left) return
    left = true
    const next = kind.waiting.shift()
    if (next) next()
    else kind.busy--
  }
}

/** Whoever leaves hands its slot over. False: it was aborted before its turn came. */
function turn({ waiting }: Kind, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false)
  return new Promise((resolve) => {
    const go = () => {
      signal.removeEventListener('abort', give)
      resolve(true)
    }
    const give = () => {
      waiting.splice(waiting.indexOf(go), 1)
      resolve(false)
    }
    waiting.push(go)
    signal.addEventListener('abort', give, { once: true })
  })
}
