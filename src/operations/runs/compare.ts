import { z } from 'zod'

import { runBefore, runCosts, slowerPartitions } from '#catalog/run-costs.ts'
import { getRun } from '#catalog/runs.ts'
import type { TenantSession } from '#catalog/session.ts'
import { MillraceError } from '#kernel/errors.ts'
import { EXPAND } from '#model/plan.ts'
import { defineOperation } from '#operations/operation.ts'
import { resolveRun } from '#operations/runs/resolve-run.ts'
import { runData, runField, toRunData } from '#operations/runs/run-data.ts'

const SLOWER_MAX = 20

const costData = z.object({
  tasks: z.int(),
  done: z.int(),
  unchanged: z.int(),
  failed: z.int(),
  rows: z.number(),
  /** Sum over its tasks. */
  wallMs: z.number(),
  cpuMs: z.number().nullable(),
  readBytes: z.number().nullable(),
  writtenBytes: z.number().nullable(),
  /** The highest of any task. */
  peakMemoryBytes: z.number().nullable(),
  /** From its first attempt's begin to its last one's end. */
  spanMs: z.number().nullable(),
})

export const compareRuns = defineOperation({
  name: 'runs.compare',
  summary: 'What a run took and brought by dataset, beside an earlier run of the same thing',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/runs/{run}/compare' },
  input: z.strictObject({
    run: runField,
    with: z
      .string()
      .min(1)
      .max(100)
      .meta({ names: 'run' })
      .optional()
      .describe(
        'Run to compare with; default: the newest before it of the same trigger or title that ended well.',
      ),
  }),
  output: z.object({
    run: runData,
    /** Null: there is no run to compare with. */
    before: runData.nullable(),
    /** In the order of the plan; then those that only the run before had. */
    datasets: z.array(
      z.object({ dataset: z.string(), now: costData.nullable(), before: costData.nullable() }),
    ),
    /** Partitions that both computed and that took longer, the worst 20. */
    slower: z.array(
      z.object({
        dataset: z.string(),
        partition: z.string(),
        task: z.int(),
        workMs: z.number(),
        beforeMs: z.number(),
        rows: z.int().nullable(),
        beforeRows: z.int().nullable(),
      }),
    ),
  }),
  async handler(input, { parts, caller }) {
    const { tenant } = caller
    const runId = await resolveRun(parts, tenant, input.run)
    const asked = input.with === undefined ? null : await resolveRun(parts, tenant, input.with)
    return parts.catalog.asTenant(tenant, async (session) => {
      const run = await known(session, runId)
      const beforeId = asked ?? (await runBefore(session, runId))
      const before = beforeId === null ? null : await known(session, beforeId)
      const now = await costsOf(session, runId)
      const then = beforeId === null ? new Map() : await costsOf(session, beforeId)
      const names = new Set([...now.keys(), ...then.keys()])
      return {
        run: toRunData(run),
        before: before && toRunData(before),
        datasets: [...names].map((dataset) => ({
          dataset,
          now: now.get(dataset) ?? null,
          before: then.get(dataset) ?? null,
        })),
        slower:
          beforeId === null
            ? []
            : await slowerPartitions(session, { runId, beforeId, limit: SLOWER_MAX }),
      }
    })
  },
})

async function known(session: TenantSession, runId: string) {
  const run = await getRun(session, runId)
  if (!run) throw new MillraceError('run-unknown', { run: runId })
  return run
}

async function costsOf(
  session: TenantSession,
  runId: string,
): Promise<Map<string, z.output<typeof costData>>> {
  const costs = await runCosts(session, runId)
  return new Map(
    costs
      .filter(({ dataset }) => dataset !== EXPAND)
      .map(({ dataset, ...cost }) => [dataset, cost] as const),
  )
}
