import { z } from 'zod'

import { datasetPulses, type DatasetPulse } from '#catalog/dataset-pulse.ts'
import { listReports } from '#catalog/reports.ts'
import { isLimited, maySee } from '#model/access.ts'
import { partitionStates } from '#operations/datasets/dataset-data.ts'
import { toSummary } from '#operations/datasets/list.ts'
import { visibleParts, visibleStatus } from '#operations/datasets/visible.ts'
import { mappingWords, selectorWords } from '#operations/lineage/mapping-words.ts'
import { defineOperation, type Caller } from '#operations/operation.ts'
import { definitionOf } from '#operations/partition-input.ts'
import type { Parts } from '#operations/parts.ts'
import { seesReport } from '#operations/reports/report-data.ts'

/** Reports that the picture shows at most. */
const REPORTS_MOST = 500

const nodeData = z.object({
  /** `dataset:events`, `endpoint:top`, `report:monthly`. */
  id: z.string(),
  kind: z.enum(['source', 'analysis', 'endpoint', 'report']),
  name: z.string(),
  pack: z.string().nullable(),
  description: z.string(),
  /** Of datasets; the following are null for others, too. */
  grain: z.string().nullable(),
  /** How many partitions are in each state. */
  states: z.record(z.enum(partitionStates), z.int()).nullable(),
  /** Null for somebody who sees a part of them only. */
  rows: z.int().nullable(),
  publishedAt: z.string().nullable(),
  /** Of the newest task that ended well; null before the first. */
  lastMs: z.number().nullable(),
  running: z.int(),
  freshness: z.object({ state: z.string(), maxAgeMs: z.number() }).nullable(),
  /** Over the newest partitions; null for somebody who sees a part of the rows only. */
  quality: z
    .object({
      partitions: z.int(),
      checks: z.int(),
      failedChecks: z.int(),
      quarantined: z.int(),
    })
    .nullable(),
})
type NodeData = z.input<typeof nodeData>

const edgeData = z.object({
  from: z.string(),
  to: z.string(),
  /** Which partitions are read, in words. */
  reads: z.string(),
})

export const showLineage = defineOperation({
  name: 'lineage.show',
  summary: 'Sources, analyses, endpoints and reports, what reads what, and the state of each',
  permission: 'read',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/lineage' },
  input: z.strictObject({}),
  output: z.object({
    tenant: z.string(),
    /** Inputs before what reads them. */
    nodes: z.array(nodeData),
    edges: z.array(edgeData),
  }),
  async handler(_input, { parts, caller }) {
    const [datasets, endpoints, reports] = await Promise.all([
      datasetNodes(parts, caller),
      parts.endpoints.list(caller.tenant),
      reportsOf(parts, caller),
    ])
    const seen = endpoints.filter(({ definition }) => maySee(caller.access, definition.name))
    const nodes = [
      ...datasets,
      ...seen.map(({ definition: { name, pack, description } }) =>
        plainNode('endpoint', { name, pack, description }),
      ),
      ...reports.map(({ name, asked }) =>
        plainNode('report', { name, pack: null, description: titleOf(asked) }),
      ),
    ]
    const known = new Set(nodes.map(({ id }) => id))
    const edges = [
      ...parts.factory.datasets.flatMap((definition) =>
        definition.kind === 'source'
          ? []
          : definition.inputs.map((input) => {
              const read = definitionOf(parts, input.dataset)
              const reads = mappingWords(input, definition.partitioning, read.partitioning)
              return { from: datasetId(input.dataset), to: datasetId(definition.name), reads }
            }),
      ),
      ...seen.flatMap(({ definition: { name, inputs } }) =>
        inputs.map(({ dataset, partitions }) => {
          const reads = selectorWords(partitions)
          return { from: datasetId(dataset), to: `endpoint:${name}`, reads }
        }),
      ),
      ...reports.flatMap(({ name, asked }) => {
        const from = askedNode(asked)
        return from === null ? [] : [{ from, to: `report:${name}`, reads: 'its answer' }]
      }),
    ]
    return {
      tenant: caller.tenant.slug,
      nodes,
      // Its own former partition is no line of the picture.
      edges: edges.filter(({ from, to }) => from !== to && known.has(from) && known.has(to)),
    }
  },
})

function datasetId(name: string): string {
  return `dataset:${name}`
}

function askedNode(asked: Readonly<Record<string, unknown>>): string | null {
  const { endpoint, dataset } = asked
  if (typeof endpoint === 'string') return `endpoint:${endpoint}`
  return typeof dataset === 'string' ? datasetId(dataset) : null
}

function titleOf({ title }: Readonly<Record<string, unknown>>): string {
  return typeof title === 'string' ? title : ''
}

async function datasetNodes(parts: Parts, caller: Caller): Promise<NodeData[]> {
  const names = visibleParts(parts, caller).factory.datasets.map(({ name }) => name)
  // No names would be all of them.
  if (names.length === 0) return []
  const statuses = await parts.factory.status(caller.tenant, names)
  const pulses = await parts.catalog.asTenant(caller.tenant, (session) =>
    datasetPulses(session, names),
  )
  const pulseOf = new Map(pulses.map((pulse) => [pulse.dataset, pulse]))
  return statuses.map((whole) => {
    const definition = definitionOf(parts, whole.dataset)
    const { states, rows, publishedAt } = toSummary(visibleStatus(whole, definition, caller))
    const pulse = pulseOf.get(whole.dataset)
    return {
      id: datasetId(whole.dataset),
      kind: whole.kind,
      name: whole.dataset,
      pack: definition.pack,
      description: whole.description,
      grain: whole.grain,
      states,
      rows,
      publishedAt,
      lastMs: pulse?.lastMs ?? null,
      running: pulse?.running ?? 0,
      freshness: whole.freshness && {
        state: whole.freshness.state,
        maxAgeMs: whole.freshness.maxAgeMs,
      },
      quality: isLimited(caller.access) || !pulse ? null : qualityOf(pulse),
    }
  })
}

function qualityOf({ looked, checks, failedChecks, quarantined }: DatasetPulse) {
  return { partitions: looked, checks, failedChecks, quarantined }
}

async function reportsOf({ catalog }: Parts, caller: Caller) {
  if (!caller.permissions.has('export')) return []
  const found = await catalog.asTenant(caller.tenant, (session) =>
    listReports(session, { after: '', limit: REPORTS_MOST }),
  )
  return found.filter((report) => seesReport(report, caller))
}

function plainNode(
  kind: 'endpoint' | 'report',
  own: Pick<NodeData, 'name' | 'pack' | 'description'>,
): NodeData {
  return {
    id: `${kind}:${own.name}`,
    kind,
    ...own,
    grain: null,
    states: null,
    rows: null,
    publishedAt: null,
    lastMs: null,
    running: 0,
    freshness: null,
    quality: null,
  }
}
