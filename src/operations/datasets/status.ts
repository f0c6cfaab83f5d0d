import { z } from 'zod'

import { selects } from '#model/partition-key-selection.ts'
import { datasetStatusData } from '#operations/datasets/dataset-data.ts'
import { defineOperation } from '#operations/operation.ts'
import { visibleParts, visibleStatus } from '#operations/datasets/visible.ts'
import { datasetField, definitionOf, keysOf, partitionField } from '#operations/partition-input.ts'

export const datasetStatus = defineOperation({
  name: 'datasets.status',
  summary: 'State of every expected partition of a dataset, with the causes',
  permission: 'read',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/datasets/{dataset}/status' },
  input: z.strictObject({ dataset: datasetField, partition: partitionField.optional() }),
  output: datasetStatusData,
  async handler(input, { parts, caller }) {
    const definition = definitionOf(visibleParts(parts, caller), input.dataset)
    const keys = keysOf(input.partition, [definition])
    const isWanted = keys && selects(keys, definition.partitioning)
    const [whole] = await parts.factory.status(caller.tenant, [definition.name])
    const status = whole && visibleStatus(whole, definition, caller)
    return {
      dataset: definition.name,
      kind: definition.kind,
      description: definition.description,
      grain: definition.partitioning.grain,
      accepted: [...(status?.accepted ?? [])],
      freshness: status?.freshness ?? null,
      partitions: (status?.partitions ?? [])
        .filter(({ partition }) => !isWanted || isWanted(partition))
        .map((partition) => ({ ...partition, causes: [...partition.causes] })),
    }
  },
})
