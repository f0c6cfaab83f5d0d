import { z } from 'zod'

import { codeUses } from '#catalog/code-effects.ts'
import { analysisField, analysisOf } from '#operations/analyses/analysis-data.ts'
import { codeHistory } from '#operations/analyses/code-history.ts'
import { defineOperation } from '#operations/operation.ts'

export const analysisHistory = defineOperation({
  name: 'analyses.history',
  summary: 'Every code that an analysis has had, the newest first, and what is published of each',
  permission: 'run',
  rest: { method: 'GET', path: '/v1/analyses/{analysis}/history' },
  input: z.strictObject({
    analysis: analysisField,
    deployments: z
      .int()
      .min(1)
      .max(100)
      .default(30)
      .describe('How many of the newest deployments are looked through.'),
  }),
  output: z.object({
    codes: z.array(
      z.object({
        codeVersion: z.string(),
        /** It is the one in use. */
        isCurrent: z.boolean(),
        text: z.string(),
        /** When it was deployed for the first time. */
        since: z.iso.datetime(),
        /** Number of that deployment, and what was said of it; null for those who are no operators. */
        deployment: z.int().nullable(),
        message: z.string().nullable(),
        /** Partitions of the tenant that are published as it computed them. */
        current: z.int(),
        /** Versions that it has computed for the tenant. */
        versions: z.int(),
        firstAt: z.iso.datetime().nullable(),
        lastAt: z.iso.datetime().nullable(),
      }),
    ),
  }),
  async handler({ analysis, deployments }, { parts, caller }) {
    const own = analysisOf(parts, caller, analysis)
    const codes = await codeHistory(parts, own.name, deployments)
    const uses = await parts.catalog.asTenant(caller.tenant, (session) =>
      codeUses(session, own.name),
    )
    const isOperator = caller.permissions.has('operator')
    return {
      codes: codes.map(({ codeVersion, text, deployment }) => {
        const use = uses.find((one) => one.codeVersion === codeVersion)
        return {
          codeVersion,
          isCurrent: codeVersion === own.codeVersion,
          text,
          since: deployment.createdAt.toISOString(),
          deployment: isOperator ? deployment.id : null,
          message: isOperator ? deployment.message : null,
          current: use?.current ?? 0,
          versions: use?.versions ?? 0,
          firstAt: use?.firstAt.toISOString() ?? null,
          lastAt: use?.lastAt.toISOString() ?? null,
        }
      }),
    }
  },
})
