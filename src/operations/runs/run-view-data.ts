import { z } from 'zod'

import type { RunView } from '#model/run-view.ts'
import { runData, toRunData } from '#operations/runs/run-data.ts'

const counts = z.object({
  waiting: z.int(),
  ready: z.int(),
  running: z.int(),
  done: z.int(),
  unchanged: z.int(),
  held: z.int(),
  failed: z.int(),
  skipped: z.int(),
  cancelled: z.int(),
})

const errorData = z.object({
  code: z.string(),
  message: z.string(),
  remedy: z.string(),
  retryable: z.boolean(),
  details: z.record(z.string(), z.unknown()),
  causes: z.array(z.string()),
})

const slice = { dataset: z.string(), partition: z.string() }

/** Everything that a person watching a run wants to see, at one moment (`model/run-view.ts`). */
export const runViewData = z
  .object({
    run: runData,
    revision: z.string(),
    datasets: z.array(
      z.object({
        dataset: z.string(),
        kind: z.enum(['source', 'analysis']),
        counts,
        rows: z.number(),
        wallMs: z.number(),
      }),
    ),
    active: z.array(
      z.object({
        dataset: z.string(),
        partitions: z.array(z.string()),
        step: z.enum(['fetch', 'scan', 'convert', 'query', 'check', 'write', 'publish']),
        bytes: z.number().nullable(),
        totalBytes: z.number().nullable(),
      }),
    ),
    failures: z.array(
      z.object({
        ...slice,
        taskId: z.int(),
        state: z.enum(['failed', 'held', 'skipped']),
        error: errorData.nullable(),
      }),
    ),
    sources: z.array(
      z.object({
        ...slice,
        location: z.string(),
        etag: z.string(),
        sizeBytes: z.number(),
        modifiedAt: z.string(),
        sha256: z.string(),
        received: z.int(),
        accepted: z.int(),
        repaired: z.int(),
        quarantined: z.int(),
        /** Rows of subjects that nothing is kept about; absent: none. */
        withheld: z.int().optional(),
        erased: z.int().optional(),
        reasons: z.array(z.object({ reason: z.string(), rows: z.int() })),
      }),
    ),
    checks: z.array(
      z.object({
        ...slice,
        name: z.string(),
        severity: z.enum(['blocking', 'warning']),
        passed: z.boolean(),
        failingRows: z.int().nullable(),
        message: z.string(),
      }),
    ),
    remainingMs: z.number().nullable(),
  })
  .meta({ entity: 'RunView' })
export type RunViewData = z.output<typeof runViewData>

export function toRunViewData(view: RunView): RunViewData {
  return {
    run: toRunData(view.run),
    revision: view.revision,
    datasets: [...view.datasets],
    active: view.active.map((work) => ({ ...work, partitions: [...work.partitions] })),
    failures: view.failures.map(({ error, ...failure }) => ({
      ...failure,
      error: error && { ...error, causes: [...error.causes] },
    })),
    sources: view.sources.map((source) => ({ ...source, reasons: [...source.reasons] })),
    checks: [...view.checks],
    remainingMs: view.remainingMs,
  }
}
