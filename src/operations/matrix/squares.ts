import { z } from 'zod'

import { describeSquares, type SquarePlace } from '#factory/matrix/square-details.ts'
import type { MatrixDataset, MatrixSnapshot } from '#factory/matrix/snapshot.ts'
import {
  codeOf,
  countStates,
  squareStates,
  type SquareState,
} from '#factory/matrix/square-state.ts'
import { lowerBound } from '#model/dataset-state.ts'
import { sumOf } from '#factory/matrix/matrix-view.ts'
import { runOf } from '#model/run.ts'
import { countsData, squareStateField } from '#operations/matrix/matrix-data.ts'
import { defineOperation } from '#operations/operation.ts'
import { placesField, readPlaces, type Places } from '#operations/plans/places.ts'

export const matrixSquares = defineOperation({
  name: 'matrix.squares',
  summary: 'The partitions behind a region of the matrix: state, causes, what is served',
  permission: 'read',
  rest: { method: 'POST', path: '/v1/matrix/squares' },
  input: z.strictObject({
    places: placesField.min(1),
    states: z
      .array(squareStateField)
      .max(squareStates.length)
      .default([])
      .describe('List only those in these states; none: all.'),
    after: z
      .string()
      .regex(/^[^@]+@./, 'is not the `next` of an answer')
      .max(2300)
      .optional()
      .describe('Where the former answer ended (`next`).'),
    limit: z.int().min(0).max(500).default(100).describe('Most partitions of the answer.'),
  }),
  output: z.object({
    commit: z.int(),
    /** Of all partitions that the places name, by state. */
    totals: countsData,
    states: z.array(squareStateField),
    datasets: z.array(z.object({ dataset: z.string(), totals: countsData })),
    squares: z.array(
      z.object({
        dataset: z.string(),
        partition: z.string(),
        state: squareStateField,
        causes: z.array(z.string()),
        version: z.int().nullable(),
        rows: z.int().nullable(),
        publishedAt: z.iso.datetime().nullable(),
        /** That published what is served. */
        run: z.string().nullable(),
        /** That is to build it. */
        openRun: z.string().nullable(),
      }),
    ),
    next: z.string().nullable(),
  }),
  async handler({ places, states, after, limit }, { parts, caller }) {
    const snapshot = await parts.factory.matrix(caller.tenant)
    const chosen = readPlaces(snapshot, places)
    const datasets = [...chosen].map(([dataset, positions]) => ({
      dataset,
      totals: countStates(datasetOf(snapshot, dataset).states, positions),
    }))
    const found = pick(snapshot, chosen, { states, after, limit: limit + 1 })
    const page = found.slice(0, limit)
    const squares = await describeSquares(parts, caller.tenant, snapshot, page)
    const last = squares.at(-1)
    return {
      commit: snapshot.commit,
      totals: sumOf(datasets.map(({ totals }) => totals)),
      states: [...squareStates],
      datasets,
      squares: squares.map(({ version, causes, ...square }) => ({
        ...square,
        causes: [...causes],
        version: version?.versionId ?? null,
        rows: version?.rows ?? null,
        publishedAt: version?.publishedAt.toISOString() ?? null,
        run: version ? runOf(version.runId) : null,
      })),
      next: found.length > limit && last ? `${last.dataset}@${last.partition}` : null,
    }
  },
})

function datasetOf(snapshot: MatrixSnapshot, dataset: string): MatrixDataset {
  return snapshot.datasets.get(dataset) as MatrixDataset
}

function pick(
  snapshot: MatrixSnapshot,
  chosen: Places,
  asked: {
    readonly states: readonly SquareState[]
    readonly after: string | undefined
    readonly limit: number
  },
): SquarePlace[] {
  const codes = new Set(asked.states.map((state) => codeOf.get(state) as number))
  const at = asked.after?.indexOf('@') ?? -1
  const reached = asked.after?.slice(0, at) ?? null
  const names = [...chosen.keys()]
  const begin = reached === null ? 0 : Math.max(0, names.indexOf(reached))
  const found: SquarePlace[] = []
  for (const dataset of names.slice(begin)) {
    const { states, node } = datasetOf(snapshot, dataset)
    const from =
      dataset === reached ? lowerBound(node.domain, `${asked.after?.slice(at + 1)}\0`) : 0
    for (const position of chosen.get(dataset) ?? []) {
      if (found.length === asked.limit) return found
      if (position < from) continue
      if (codes.size === 0 || codes.has(states[position] as number)) {
        found.push({ dataset, position })
      }
    }
  }
  return found
}
