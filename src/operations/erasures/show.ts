import { z } from 'zod'

import { erasedPartitions, getErasure } from '#catalog/erasures.ts'
import { erasureData, toErasureData } from '#operations/erasures/erasure-data.ts'
import { defineOperation } from '#operations/operation.ts'

/** What an erasure cannot reach, said wherever its proof is shown. */
const REMAINS = [
  'The objects that the sources were read from, which lie with whoever owns them: a row of them is dropped whenever it is read again.',
  'What was exported, delivered or downloaded before.',
  'Counts and hashes of former versions, which receipts speak of.',
]

export const showErasure = defineOperation({
  name: 'erasures.show',
  summary: 'How far an erasure is, and the proof of what it took out',
  permission: 'admin',
  home: 'tenant',
  rest: { method: 'GET', path: '/v1/erasures/{erasure}' },
  input: z.strictObject({
    erasure: z.string().max(100).meta({ names: 'erasure' }).describe('Id of the erasure.'),
  }),
  output: erasureData.extend({
    partitions: z.array(
      z.object({
        dataset: z.string(),
        partition: z.string(),
        isSource: z.boolean(),
        rows: z.int(),
        quarantined: z.int(),
        formerVersionsPurged: z.int(),
      }),
    ),
    remains: z.array(z.string()),
  }),
  async handler({ erasure: id }, { parts, caller }) {
    const { erasure, partitions } = await parts.catalog.asTenant(
      caller.tenant,
      async (session) => ({
        erasure: await getErasure(session, id),
        partitions: await erasedPartitions(session, id),
      }),
    )
    return {
      ...toErasureData(erasure),
      partitions: partitions.map(({ purged, ...place }) => ({
        ...place,
        formerVersionsPurged: purged,
      })),
      remains: REMAINS,
    }
  },
})
