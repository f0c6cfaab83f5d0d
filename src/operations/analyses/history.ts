import { z } from 'zod'

import { codeHistory } from '#catalog/code.ts'
import { codeUses } from '#catalog/code-effects.ts'
import { analysisField, analysisOf } from '#operations/analyses/analysis-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const analysisHistory = defineOperation({
  name: 'analyses.history',
  summary: 'Every code that an analysis has had, the newest first, and what is published of each',
  permission: 'run',
  rest: { method: 'GET', path: '/v1/analyses/{analysis}/history' },
  input: z.strictObject({
    analysis: analysisField,
    limit: z.int().min(1).max(100).default(20).describe('Most of them.'),
  }),
  output: z.object({
    codes: z.array(
      z.object({
        codeVersion: z.string(),
        /** It is the one in use. */
        isCurrent: z.boolean(),
        text: z.string(),
        /** When something was to be computed with it for the first time; null: nothing was yet. */
        since: z.iso.datetime().nullable(),
        /** Partitions of the tenant that are published as it computed them. */
        current: z.int(),
        /** Versions that it has computed for the tenant. */
        versions: z.int(),
        firstAt: z.iso.datetime().nullable(),
        lastAt: z.iso.datetime().nullable(),
      }),
    ),
  }),
  async handler({ analysis, limit }, { parts, caller }) {
    const own = analysisOf(parts, caller, analysis)
    const codes = await parts.catalog.asSystem((session) => codeHistory(session, own.name, limit))
    const uses = await parts.catalog.asTenant(caller.tenant, (session) =>
      codeUses(session, own.name),
    )
    const isKnown = codes.some(({ codeVersion }) => codeVersion === own.codeVersion)
    const unused = { codeVersion: own.codeVersion, text: own.text, createdAt: null }
    const all = isKnown ? codes : [unused, ...codes]
    return {
      codes: all.map(({ codeVersion, text, createdAt }) => {
        const use = uses.find((one) => one.codeVersion === codeVersion)
        return {
          codeVersion,
          isCurrent: codeVersion === own.codeVersion,
          text,
          since: createdAt?.toISOString() ?? null,
          current: use?.current ?? 0,
          versions: use?.versions ?? 0,
          firstAt: use?.firstAt.toISOString() ?? null,
          lastAt: use?.lastAt.toISOString() ?? null,
        }
      }),
    }
  },
})
