import { z } from 'zod'

import { applyFixes, fixNames, pendingPartitions } from '#catalog/fixes.ts'
import { applyRepairs, loadMendNames, pendingRepairs } from '#catalog/repairs.ts'
import { loadOrigins } from '#catalog/source-objects.ts'
import { MillraceError } from '#kernel/errors.ts'
import { defineOperation } from '#operations/operation.ts'
import { replaySent } from '#operations/quarantine/replay-sent.ts'
import { datasetField } from '#operations/partition-input.ts'
import { runData, toRunData } from '#operations/runs/run-data.ts'
import { sourceOf } from '#operations/sources/source-options.ts'

export const replayQuarantine = defineOperation({
  name: 'quarantine.replay',
  summary:
    'Apply the fixes and repairs of a source that wait: read what they touch again, and whatever reads it',
  permission: 'run',
  audit: [],
  rest: { method: 'POST', path: '/v1/datasets/{dataset}/quarantine/replay' },
  input: z.strictObject({ dataset: datasetField }),
  output: z.object({
    dataset: z.string(),
    fixes: z.int(),
    repairs: z.int(),
    /** Partitions of the source that may have to be read again. */
    partitions: z.array(z.string()),
    /** Null: what is published is already read so; or the rows were sent, and no run makes them. */
    run: runData.nullable(),
    /** Of rows that were sent: what became of them, parallel to the partitions. Of files: none. */
    acknowledgements: z.array(z.string()),
  }),
  async handler({ dataset }, { parts, caller }) {
    const { tenant } = caller
    const source = sourceOf(parts, dataset)
    if (source.append) return { dataset, ...(await replaySent(parts, tenant, dataset)), run: null }
    const applied = await parts.catalog.asTenant(tenant, async (session) => {
      const pending = (await pendingPartitions(session, dataset)).map(({ partition }) => partition)
      const changed = await pendingRepairs(session, dataset)
      const fixes = await applyFixes(session, dataset, pending)
      const repairs = await applyRepairs(session, dataset)
      // A replay whose run failed leaves what it applied: the next one finds its partitions again.
      const fixed = [...(await fixNames(session, dataset)).keys(), ...pending]
      const names = await loadMendNames(session, dataset)
      const all = changed > 0 || names.repairs.length > 0
      const published = all ? await loadOrigins(session, dataset) : []
      const partitions = [...fixed, ...published.map(({ partition }) => partition)]
      return { fixes, repairs, partitions: [...new Set(partitions)].toSorted() }
    })
    if (applied.partitions.length === 0) throw new MillraceError('mends-none', { dataset })
    const request = {
      datasets: [dataset],
      partitions: applied.partitions,
      mode: 'run',
      downstream: true,
    } as const
    const why = { cause: 'manual', title: `quarantine replay ${dataset}` }
    const { run } = await parts.factory.start(tenant, request, why)
    return { dataset, ...applied, run: run && toRunData(run), acknowledgements: [] }
  },
})
