import { z } from 'zod'

import { undoableOf } from '#catalog/undo.ts'
import { defineOperation } from '#operations/operation.ts'
import { resolveRun } from '#operations/runs/resolve-run.ts'
import { runField } from '#operations/runs/run-data.ts'

/** Places that are named; the counts are of all. */
const NAMED_MAX = 1_000

export const previewUndo = defineOperation({
  name: 'runs.undo-preview',
  summary: 'What undoing a run would put back and what it would leave alone; changes nothing',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/runs/{run}/undo' },
  input: z.strictObject({ run: runField }),
  output: z.object({
    run: z.string(),
    restored: z.int(),
    kept: z.int(),
    datasets: z.array(
      z.object({
        dataset: z.string(),
        toFormer: z.int(),
        toNothing: z.int(),
        /** Newer runs have published there, or the former files are swept. */
        kept: z.int(),
      }),
    ),
    /** The first 1,000 of all. */
    partitions: z.array(
      z.object({
        dataset: z.string(),
        partition: z.string(),
        becomes: z.enum(['former', 'nothing', 'kept']),
        /** Of one that is kept: the run that published since; null: its former files are swept. */
        byRun: z.string().nullable(),
      }),
    ),
  }),
  async handler({ run }, { parts, caller }) {
    const runId = await resolveRun(parts, caller.tenant, run)
    const { restored, kept } = await parts.catalog.asTenant(caller.tenant, (session) =>
      undoableOf(session, runId),
    )
    const datasets = new Map<string, { toFormer: number; toNothing: number; kept: number }>()
    const countsOf = (dataset: string) => {
      const counts = datasets.get(dataset) ?? { toFormer: 0, toNothing: 0, kept: 0 }
      datasets.set(dataset, counts)
      return counts
    }
    for (const { dataset, to } of restored) {
      countsOf(dataset)[to === 'former' ? 'toFormer' : 'toNothing'] += 1
    }
    for (const { dataset } of kept) countsOf(dataset).kept += 1
    const partitions = [
      ...restored.map(({ to, ...place }) => ({ ...place, becomes: to, byRun: null })),
      ...kept.map((place) => ({ ...place, becomes: 'kept' as const })),
    ]
    return {
      run: runId,
      restored: restored.length,
      kept: kept.length,
      datasets: [...datasets].map(([dataset, counts]) => ({ dataset, ...counts })),
      partitions: partitions.slice(0, NAMED_MAX),
    }
  },
})
