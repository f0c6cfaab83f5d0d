import { z } from 'zod'

import { loadCosts } from '#catalog/attempts.ts'
import { checkTrend, newestColumns } from '#catalog/dataset-shape.ts'
import { isLimited, maySee } from '#model/access.ts'
import { seenRows } from '#model/seen-rows.ts'
import { analysisField, analysisOf, mayReadCode } from '#operations/analyses/analysis-data.ts'
import { visibleParts } from '#operations/datasets/visible.ts'
import { mappingWords, selectorWords } from '#operations/lineage/mapping-words.ts'
import { defineOperation } from '#operations/operation.ts'
import { definitionOf } from '#operations/partition-input.ts'

const linkData = z.object({
  name: z.string(),
  kind: z.enum(['source', 'analysis', 'endpoint']),
  /** Which partitions are read, in words. */
  reads: z.string(),
})

export const showAnalysis = defineOperation({
  name: 'analyses.show',
  summary: 'An analysis: its code, what it reads and feeds and how, its columns and checks',
  permission: 'read',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/analyses/{analysis}' },
  input: z.strictObject({ analysis: analysisField }),
  output: z.object({
    analysis: z.string(),
    pack: z.string(),
    description: z.string(),
    language: z.enum(['sql', 'typescript']),
    /** Relative to the folder of its pack. */
    file: z.string(),
    grain: z.string(),
    key: z.string().nullable(),
    shards: z.int().nullable(),
    order: z.string().nullable(),
    isVolatile: z.boolean(),
    codeVersion: z.string(),
    /** The SELECT, or the bundled module; null for somebody who may not start runs. */
    text: z.string().nullable(),
    inputs: z.array(linkData),
    outputs: z.array(linkData),
    columns: z.array(
      z.object({
        name: z.string(),
        /** As the engine names it; null before the first publish. */
        type: z.string().nullable(),
        description: z.string().nullable(),
        unit: z.string().nullable(),
        role: z.string().nullable(),
      }),
    ),
    /** Null for somebody who sees a part of the rows only. */
    checks: z
      .array(
        z.object({
          name: z.string(),
          severity: z.enum(['blocking', 'warning']),
          rule: z.string(),
          /** Newest partitions that it was run on, and in how many it was broken. */
          looked: z.int(),
          failed: z.int(),
          /** What it found where it was broken last; null: nowhere. */
          message: z.string().nullable(),
        }),
      )
      .nullable(),
    cost: z
      .object({ taskMs: z.number(), readBytes: z.number(), tasks: z.int() })
      .nullable()
      .describe('Means over the newest tasks.'),
  }),
  async handler({ analysis }, { parts, caller }) {
    const own = analysisOf(parts, caller, analysis)
    const visible = visibleParts(parts, caller).factory.datasets
    const endpoints = await parts.endpoints.list(caller.tenant)
    const { columns, trend, costs } = await parts.catalog.asTenant(
      caller.tenant,
      async (session) => ({
        columns: await newestColumns(session, own.name),
        trend: await checkTrend(session, own.name),
        costs: await loadCosts(session, [own.name]),
      }),
    )
    const isSeen = (name: string) => visible.some((one) => one.name === name)
    const hidden = seenRows(caller.access, own.name)?.columns ?? null
    const named = columns ?? own.columns.map(({ name }) => ({ name, type: null }))
    const [cost] = costs
    return {
      analysis: own.name,
      pack: own.pack,
      description: own.description,
      language: own.language,
      file: own.file,
      grain: own.partitioning.grain,
      key: own.partitioning.key?.name ?? null,
      shards: own.partitioning.shards?.count ?? null,
      order: own.order ?? null,
      isVolatile: own.volatile,
      codeVersion: own.codeVersion,
      text: mayReadCode(caller) ? own.text : null,
      inputs: own.inputs
        .filter(({ dataset }) => isSeen(dataset))
        .map((input) => {
          const { kind, partitioning } = definitionOf(parts, input.dataset)
          const reads = mappingWords(input, own.partitioning, partitioning)
          return { name: input.dataset, kind, reads }
        }),
      outputs: [
        ...visible.flatMap((one) =>
          one.kind === 'source'
            ? []
            : one.inputs
                .filter(({ dataset }) => dataset === own.name && one.name !== own.name)
                .map((input) => ({
                  name: one.name,
                  kind: 'analysis' as const,
                  reads: mappingWords(input, one.partitioning, own.partitioning),
                })),
        ),
        ...endpoints
          .filter(({ definition }) => maySee(caller.access, definition.name))
          .flatMap(({ definition: { name, inputs } }) =>
            inputs
              .filter(({ dataset }) => dataset === own.name)
              .map(({ partitions }) => ({
                name,
                kind: 'endpoint' as const,
                reads: selectorWords(partitions),
              })),
          ),
      ],
      columns: named
        .filter(({ name }) => hidden === null || hidden.includes(name))
        .map(({ name, type }) => {
          const note = own.columns.find((one) => one.name === name.toLowerCase())
          return {
            name,
            type,
            description: note?.description ?? null,
            unit: note?.unit ?? null,
            role: note?.role ?? null,
          }
        }),
      checks: isLimited(caller.access)
        ? null
        : own.checks.map((check) => {
            const found = trend.find(({ name }) => name === check.name)
            return {
              name: check.name,
              severity: check.severity,
              rule:
                'columns' in check
                  ? `${check.kind} ${check.columns.join(', ')}`
                  : `${check.kind} ${check.expression}`,
              looked: found?.looked ?? 0,
              failed: found?.failed ?? 0,
              message: found?.message ?? null,
            }
          }),
      cost: cost ? { taskMs: cost.wallMs, readBytes: cost.readBytes, tasks: cost.attempts } : null,
    }
  },
})
