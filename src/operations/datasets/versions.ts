import { z } from 'zod'

import { versionHistory, type MovePlace } from '#catalog/version-history.ts'
import { runOf } from '#model/run.ts'
import { definitionOf, datasetField } from '#operations/partition-input.ts'
import { defineOperation } from '#operations/operation.ts'

export const datasetVersions = defineOperation({
  name: 'datasets.versions',
  summary: 'What each partition has come to name, commit by commit, newest first',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/datasets/{dataset}/versions' },
  input: z.strictObject({
    dataset: datasetField,
    partition: z
      .string()
      .min(1)
      .max(2000)
      .optional()
      .meta({ names: 'partition' })
      .describe('Only this partition, by its whole key.'),
    after: z
      .string()
      .regex(/^\d{1,15}:./, 'is not the `next` of an answer')
      .max(2100)
      .optional()
      .describe('Where the former answer ended (`next`).'),
    limit: z.int().min(1).max(1000).default(100).describe('Most commits of the answer.'),
  }),
  output: z.object({
    versions: z.array(
      z
        .object({
          dataset: z.string(),
          partition: z.string(),
          commit: z.int(),
          at: z.string(),
          /** Null: an undo or an erasure left nothing published. */
          version: z.int().nullable(),
          rows: z.int().nullable(),
          dataVersion: z.string().nullable(),
          codeVersion: z.string().nullable(),
          run: z.string().nullable(),
          isCurrent: z.boolean(),
          /** Since when its rows can be read no more; null: they can. */
          sweptAt: z.string().nullable(),
        })
        .meta({ entity: 'Version' }),
    ),
    next: z.string().nullable(),
  }),
  async handler({ dataset, partition = null, after, limit }, { parts, caller }) {
    definitionOf(parts, dataset)
    const moves = await parts.catalog.asTenant(caller.tenant, (session) =>
      versionHistory(session, dataset, { partition, after: placeOf(after), limit: limit + 1 }),
    )
    const page = moves.slice(0, limit)
    const last = page.at(-1)
    return {
      versions: page.map((move) => ({
        dataset,
        partition: move.partition,
        commit: move.commitNumber,
        at: move.at.toISOString(),
        version: move.versionId,
        rows: move.rows,
        dataVersion: move.dataVersion,
        codeVersion: move.codeVersion,
        run: move.runId === null ? null : runOf(move.runId),
        isCurrent: move.isCurrent,
        sweptAt: move.sweptAt?.toISOString() ?? null,
      })),
      next: moves.length > limit && last ? `${last.commitNumber}:${last.partition}` : null,
    }
  },
})

function placeOf(after: string | undefined): MovePlace | null {
  if (after === undefined) return null
  const at = after.indexOf(':')
  return { commitNumber: Number(after.slice(0, at)), partition: after.slice(at + 1) }
}
