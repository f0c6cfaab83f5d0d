import { z } from 'zod'

import { pageTenants, type TenantEntry } from '#catalog/tenants.ts'
import { extentOf, spanOf, sumOf } from '#factory/matrix/matrix-view.ts'
import type { MatrixSnapshot } from '#factory/matrix/snapshot.ts'
import { squareStates } from '#factory/matrix/square-state.ts'
import { tilesOf } from '#factory/matrix/tiles.ts'
import { levelFor } from '#factory/matrix/time-axis.ts'
import { MillraceError, toMillraceError } from '#kernel/errors.ts'
import type { DatasetDefinition } from '#model/definition.ts'
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
import { datasetField } from '#operations/partition-input.ts'
import type { Parts } from '#operations/parts.ts'
import type { Tenant } from '#model/tenant.ts'

/** Tenants that nobody has counted lately are counted for so long; the rest of the page comes with the next call. */
const COUNTING_MS = 1_500

const slugPart = z.string().min(1).max(60)

export const matrixTenants = defineOperation({
  name: 'matrix.tenants',
  summary:
    'Tenants × partitions of one dataset: their states in a window at any zoom, page by page',
  permission: 'operator',
  rest: { method: 'GET', path: '/v1/matrix/tenants' },
  input: z.strictObject({
    dataset: datasetField
      .optional()
      .describe('Name of the dataset; default: the first one that is cut by time.'),
    prefix: slugPart.optional().describe('Only tenants whose slug begins so.'),
    after: slugPart.optional().describe('Only those after this slug: `next` of the former page.'),
    limit: z.int().min(1).max(100).default(40).describe('Most of them in one answer.'),
    ...windowFields,
  }),
  output: z.object({
    /** Null: nothing is deployed. */
    dataset: z.string().nullable(),
    grain: z.string(),
    /** Those that the caller's tenant or one of the page's has. */
    datasets: z.array(z.object({ name: z.string(), kind: z.enum(['source', 'analysis']) })),
    states: z.array(squareStateField),
    extent: spanData.nullable(),
    span: spanData.nullable(),
    level: tilesData.shape.level,
    rows: z.array(
      z.object({
        tenant: z.string(),
        name: z.string(),
        state: z.string(),
        /**
         * `waits`: it is counted with the next call; `absent`: the tenant does not have the dataset;
         * `unreachable`: its cell does not answer.
         */
        standing: z.enum(['counted', 'behind', 'waits', 'absent', 'unreachable']),
        totals: countsData,
        tiles: tilesData.nullable(),
      }),
    ),
    totals: countsData,
    /** `after` of the next page; null: this is the last one. */
    next: z.string().nullable(),
  }),
  async handler({ dataset: asked, prefix, after, limit, from, to, columns }, { parts }) {
    const page = await parts.directory.asSystem((session) =>
      pageTenants(session, { prefix, after, limit: limit + 1 }),
    )
    const tenants = page.slice(0, limit)
    const seen = await countTenants(parts, tenants)
    const definitions = definitionsOf(parts, seen)
    const chosen =
      asked === undefined
        ? (definitions.find(({ partitioning }) => partitioning.grain !== 'none') ?? definitions[0])
        : definitions.find(({ name }) => name === asked)
    if (asked !== undefined && !chosen) {
      const known = definitions.map(({ name }) => name)
      throw new MillraceError('dataset-unknown', { dataset: asked, known })
    }
    const known = seen.map(({ snapshot }) => snapshot?.datasets.get(chosen?.name ?? '') ?? null)
    const extent = extentOf(known.filter((own) => own !== null))
    const span = spanOf(extent, { from: toInstant(from), to: toInstant(to) })
    const level = span ? levelFor(span.fromMs, span.toMs, columns) : 'all'
    const last = tenants.at(-1)
    return {
      dataset: chosen?.name ?? null,
      grain: chosen?.partitioning.grain ?? 'none',
      datasets: definitions.map(({ name, kind }) => ({ name, kind })),
      states: [...squareStates],
      extent: toSpanData(extent),
      span: toSpanData(span),
      level,
      rows: tenants.map(({ tenant, name, state }, at) => {
        const own = known[at]
        const { snapshot, standing } = seen[at] as Counted
        const squares = own && {
          grain: own.node.definition.partitioning.grain,
          states: own.states,
          starts: own.starts,
          positions: null,
        }
        return {
          tenant: tenant.slug,
          name,
          state,
          standing: snapshot && !own ? ('absent' as const) : standing,
          totals: own ? [...own.totals] : squareStates.map(() => 0),
          tiles: squares
            ? toTilesData(tilesOf(squares, span ?? { fromMs: 0, toMs: 0 }, level))
            : null,
        }
      }),
      totals: sumOf(known.flatMap((own) => (own ? [own.totals] : []))),
      next: page.length > limit && last ? last.tenant.slug : null,
    }
  },
})

interface Counted {
  readonly snapshot: MatrixSnapshot | null
  readonly standing: 'counted' | 'behind' | 'waits' | 'unreachable'
}

function definitionsOf(parts: Parts, seen: readonly Counted[]): readonly DatasetDefinition[] {
  const found = new Map(parts.factory.datasets.map((own) => [own.name, own]))
  for (const { snapshot } of seen) {
    for (const [name, { node }] of snapshot?.datasets ?? []) {
      if (!found.has(name)) found.set(name, node.definition)
    }
  }
  return [...found.values()]
}

async function countTenants(parts: Parts, tenants: readonly TenantEntry[]): Promise<Counted[]> {
  const untilMs = parts.clock.monotonicMs() + COUNTING_MS
  const counted: Counted[] = []
  for (const { tenant } of tenants) {
    if (parts.clock.monotonicMs() > untilMs) counted.push({ snapshot: null, standing: 'waits' })
    else counted.push(await countTenant(parts, tenant))
  }
  return counted
}

async function countTenant(parts: Parts, tenant: Tenant): Promise<Counted> {
  try {
    const held = await parts.cells.holdFor(tenant)
    try {
      const snapshot = await (held?.parts ?? parts).factory.matrix(tenant)
      return { snapshot, standing: snapshot.isBehind ? 'behind' : 'counted' }
    } finally {
      held?.release()
    }
  } catch (error) {
    const { code } = toMillraceError(error)
    const isAway = ['cell-unreachable', 'catalog-unreachable', 'lake-unreachable'].includes(code)
    if (isAway) return { snapshot: null, standing: 'unreachable' }
    throw error
  }
}
