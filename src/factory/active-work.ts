import type { ActiveWork } from '#model/run-view.ts'

/**
 * What the slots of this process are busy with, for people who watch. Only here, in memory: it is
 * worthless a second later, and the catalog keeps what matters.
 */
export interface ActiveWorkBoard {
  /** Replaces what this batch was doing; null when it has ended. */
  set(batch: string, runId: string, work: ActiveWork | null): void
  ofRun(runId: string): ActiveWork[]
  /** Called after every change of this run's work, until the returned function is. */
  onChange(runId: string, listener: () => void): () => void
}

export function createActiveWorkBoard(): ActiveWorkBoard {
  const entries = new Map<string, { runId: string; work: ActiveWork }>()
  const listeners = new Map<string, Set<() => void>>()
  return {
    set(batch, runId, work) {
      if (work) entries.set(batch, { runId, work })
      else entries.delete(batch)
      for (const listener of listeners.get(runId) ?? []) listener()
    },
    ofRun: (runId) =>
      [...entries.values()].filter((entry) => entry.runId === runId).map((entry) => entry.work),
    onChange(runId, listener) {
      const own = listeners.get(runId) ?? new Set()
      listeners.set(runId, own.add(listener))
      return () => {
        own.delete(listener)
        if (own.size === 0) listeners.delete(runId)
      }
    },
  }
}
