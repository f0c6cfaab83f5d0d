import { z } from 'zod'

import { viewMatrix } from '#factory/matrix/matrix-view.ts'
import { partsOf } from '#factory/matrix/rows.ts'
import { squareStates } from '#factory/matrix/square-state.ts'
import { cutText } from '#model/partition-key-parts.ts'
import {
  countsData,
  spanData,
  squareStateField,
  tilesData,
  toInstant,
  toSpanData,
  toTilesData,
  windowFields,
} from '#operations/matrix/matrix-data.ts'
import { defineOperation } from '#operations/operation.ts'
import { datasetField, definitionOf } from '#operations/partition-input.ts'

export const showMatrix = defineOperation({
  name: 'matrix.show',
  summary: 'Datasets × partitions: how many partitions are in which state, in a window at any zoom',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/matrix' },
  input: z.strictObject({
    datasets: z.array(datasetField).max(1000).default([]).describe('Only these; none: all.'),
    search: z
      .string()
      .max(200)
      .default('')
      .describe('Only rows whose dataset, key or shard holds this text.'),
    having: z
      .array(squareStateField)
      .max(squareStates.length)
      .default([])
      .describe('Only rows with a partition in one of these states.'),
    expand: z
      .array(datasetField)
      .max(1000)
      .default([])
      .describe('Datasets with a row for each of their keys and shards, too.'),
    ...windowFields,
    firstRow: z.int().min(0).default(0).describe('Rows that are left out before the first.'),
    rowsMax: z.int().min(0).max(1000).default(200).describe('Most rows of the answer.'),
  }),
  output: z.object({
    commit: z.int(),
    asOf: z.iso.datetime(),
    /** True: something has changed since, and is counted within seconds. */
    isBehind: z.boolean(),
    /** What counts and bits of masks are of, in their order. */
    states: z.array(squareStateField),
    /** From the first period to the end of the last; null: nothing has a time. */
    extent: spanData.nullable(),
    span: spanData.nullable(),
    level: tilesData.shape.level,
    rows: z.array(
      z.object({
        dataset: z.string(),
        /** Key and shard as partition names end with them; null: all of the dataset. */
        part: z.string().nullable(),
        kind: z.enum(['source', 'analysis']),
        description: z.string(),
        grain: z.string(),
        cut: z.string(),
        /** How many keys and shards it has; 0: it is cut by time alone. */
        parts: z.int(),
        /** Of all its partitions, whatever the window. */
        totals: countsData,
        tiles: tilesData,
      }),
    ),
    rowsAll: z.int(),
    totals: countsData,
    /** All rows as one, over the whole extent. */
    overview: tilesData.nullable(),
  }),
  async handler({ from, to, ...asked }, { parts, caller }) {
    for (const dataset of [...asked.datasets, ...asked.expand]) definitionOf(parts, dataset)
    const snapshot = await parts.factory.matrix(caller.tenant)
    const view = viewMatrix(snapshot, { ...asked, from: toInstant(from), to: toInstant(to) })
    return {
      commit: snapshot.commit,
      asOf: snapshot.at.toISOString(),
      isBehind: snapshot.isBehind,
      states: [...squareStates],
      extent: toSpanData(view.extent),
      span: toSpanData(view.span),
      level: view.level,
      rows: view.rows.map(({ dataset, of, part, totals, tiles }) => {
        const { kind, description, partitioning } = of.node.definition
        return {
          dataset,
          part,
          kind,
          description,
          grain: partitioning.grain,
          cut: cutText(partitioning),
          parts: part === null ? partsOf(of).size : 0,
          totals: [...totals],
          tiles: toTilesData(tiles),
        }
      }),
      rowsAll: view.rowsAll,
      totals: [...view.totals],
      overview: view.overview && toTilesData(view.overview),
    }
  },
})
