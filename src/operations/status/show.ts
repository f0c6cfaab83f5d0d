import { z } from 'zod'

import { listRuns } from '#catalog/runs.ts'
import { isLimited } from '#model/access.ts'
import { datasetStatusData } from '#operations/datasets/dataset-data.ts'
import { visibleParts, visibleStatus } from '#operations/datasets/visible.ts'
import { defineOperation } from '#operations/operation.ts'
import { datasetField, definitionOf } from '#operations/partition-input.ts'
import { runData, toRunData } from '#operations/runs/run-data.ts'

export const showStatus = defineOperation({
  name: 'status.show',
  summary: 'Everything at a glance: the state of every partition, and the newest runs',
  permission: 'read',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/status' },
  input: z.strictObject({
    datasets: z.array(datasetField).max(1000).default([]).describe('Only these; none: all.'),
    runs: z.int().min(0).max(100).default(5).describe('How many of the newest runs to list.'),
  }),
  output: z.object({
    tenant: z.string(),
    datasets: z.array(datasetStatusData),
    runs: z.array(runData),
  }),
  async handler({ datasets, runs: limit }, { parts, caller }) {
    const visible = visibleParts(parts, caller)
    const definitions = datasets.map((dataset) => definitionOf(visible, dataset))
    const chosen = datasets.length === 0 ? visible.factory.datasets : definitions
    const names = chosen.map(({ name }) => name)
    // No names would be all of them.
    const statuses = names.length === 0 ? [] : await parts.factory.status(caller.tenant, names)
    // Runs tell of every dataset that they touch.
    const runs =
      limit === 0 || isLimited(caller.access)
        ? []
        : await parts.catalog.asTenant(caller.tenant, (session) => listRuns(session, { limit }))
    return {
      tenant: caller.tenant.slug,
      datasets: statuses.map((whole) => {
        const status = visibleStatus(whole, definitionOf(parts, whole.dataset), caller)
        return {
          ...status,
          accepted: [...status.accepted],
          partitions: status.partitions.map((one) => ({ ...one, causes: [...one.causes] })),
        }
      }),
      runs: runs.map(toRunData),
    }
  },
})
