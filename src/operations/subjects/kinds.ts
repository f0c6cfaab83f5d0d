import { z } from 'zod'

import { subjectColumnsOf, subjectKindsOf } from '#model/subject.ts'
import { defineOperation } from '#operations/operation.ts'

export const listSubjectKinds = defineOperation({
  name: 'subjects.kinds',
  summary:
    'Kinds of people, devices and pages that the data is about, with the columns that name them',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/subjects' },
  input: z.strictObject({}),
  output: z.object({
    kinds: z.array(
      z.object({
        kind: z.string(),
        columns: z.array(z.object({ dataset: z.string(), column: z.string() })),
      }),
    ),
  }),
  async handler(_input, { parts }) {
    const { datasets } = parts.factory
    const columns = datasets.flatMap((dataset) =>
      subjectColumnsOf(dataset).map((named) => ({ dataset: dataset.name, ...named })),
    )
    return {
      kinds: subjectKindsOf(datasets).map((kind) => ({
        kind,
        columns: columns
          .filter((named) => named.kind === kind)
          .map(({ dataset, column }) => ({ dataset, column })),
      })),
    }
  },
})
