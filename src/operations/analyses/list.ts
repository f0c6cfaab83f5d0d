import { z } from 'zod'

import { loadCosts } from '#catalog/attempts.ts'
import { maySee } from '#model/access.ts'
import { analysesOf, analysisSummaryData } from '#operations/analyses/analysis-data.ts'
import { toSummary } from '#operations/datasets/list.ts'
import { visibleParts, visibleStatus } from '#operations/datasets/visible.ts'
import { defineOperation } from '#operations/operation.ts'
import { definitionOf } from '#operations/partition-input.ts'

export const listAnalyses = defineOperation({
  name: 'analyses.list',
  summary: 'Analyses, inputs first: what each reads and feeds, its state and what a task costs',
  permission: 'read',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/analyses' },
  input: z.strictObject({}),
  output: z.object({ analyses: z.array(analysisSummaryData) }),
  async handler(_input, { parts, caller }) {
    const analyses = analysesOf(parts, caller)
    const names = analyses.map(({ name }) => name)
    // No names would be all of them.
    if (names.length === 0) return { analyses: [] }
    const { datasets } = visibleParts(parts, caller).factory
    const seen = new Set(datasets.map(({ name }) => name))
    const [statuses, endpoints, costs] = await Promise.all([
      parts.factory.status(caller.tenant, names),
      parts.endpoints.list(caller.tenant),
      parts.catalog.asTenant(caller.tenant, (session) => loadCosts(session, names)),
    ])
    return {
      analyses: analyses.map((definition) => {
        const { name, pack, description, language, inputs, checks, codeVersion } = definition
        const whole = statuses.find(({ dataset }) => dataset === name)
        const status = whole && visibleStatus(whole, definitionOf(parts, name), caller)
        const { states, rows, publishedAt } = status
          ? toSummary(status)
          : { states: nothing(), rows: 0, publishedAt: null }
        return {
          analysis: name,
          pack,
          description,
          language,
          grain: definition.partitioning.grain,
          inputs: inputs.map(({ dataset }) => dataset).filter((one) => seen.has(one)),
          outputs: datasets
            .filter((one) => one.kind === 'analysis' && one.name !== name && reads(one, name))
            .map((one) => one.name),
          endpoints: endpoints
            .filter((one) => maySee(caller.access, one.definition.name))
            .filter((one) => reads(one.definition, name))
            .map((one) => one.definition.name),
          checks: checks.length,
          states,
          rows,
          publishedAt,
          codeVersion,
          taskMs: costs.find(({ dataset }) => dataset === name)?.wallMs ?? null,
        }
      }),
    }
  },
})

function reads({ inputs }: { inputs: readonly { dataset: string }[] }, name: string): boolean {
  return inputs.some(({ dataset }) => dataset === name)
}

function nothing() {
  return { missing: 0, fresh: 0, stale: 0, pending: 0, failed: 0, held: 0 }
}
