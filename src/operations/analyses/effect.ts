import { z } from 'zod'

import { codeEffect } from '#catalog/code-effects.ts'
import { analysisField, analysisOf } from '#operations/analyses/analysis-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const analysisEffect = defineOperation({
  name: 'analyses.effect',
  summary: 'What a change of code did: partitions computed again, and how they differ from before',
  permission: 'run',
  rest: { method: 'GET', path: '/v1/analyses/{analysis}/effect' },
  argumentFields: ['codeVersion'],
  input: z.strictObject({
    analysis: analysisField,
    codeVersion: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'is 64 hexadecimal digits')
      .describe('The code that took over, as `history` names it.'),
    after: z.string().min(1).max(2000).optional().describe('Only partitions before this one.'),
    limit: z.int().min(1).max(1000).default(100).describe('Most partitions of the answer.'),
  }),
  output: z.object({
    /** Of all that it has computed. */
    partitions: z.int(),
    /** Of these, those whose rows are the same as before, and those before which there was nothing. */
    same: z.int(),
    first: z.int(),
    /** The newest period first. */
    moves: z.array(
      z.object({
        partition: z.string(),
        commit: z.int(),
        at: z.iso.datetime(),
        run: z.string(),
        rows: z.int(),
        /** Null: nothing was published before. */
        formerRows: z.int().nullable(),
        formerCommit: z.int().nullable(),
        isSame: z.boolean(),
      }),
    ),
    next: z.string().nullable(),
  }),
  async handler({ analysis, codeVersion, after = null, limit }, { parts, caller }) {
    const { name: dataset } = analysisOf(parts, caller, analysis)
    const found = await parts.catalog.asTenant(caller.tenant, (session) =>
      codeEffect(session, { dataset, codeVersion, after, limit: limit + 1 }),
    )
    const page = found.moves.slice(0, limit)
    return {
      partitions: found.partitions,
      same: found.same,
      first: found.first,
      moves: page.map(({ commitNumber, formerCommit, at, runId, ...move }) => ({
        ...move,
        commit: commitNumber,
        formerCommit,
        at: at.toISOString(),
        run: runId,
      })),
      next: found.moves.length > limit ? (page.at(-1)?.partition ?? null) : null,
    }
  },
})
