import { z } from 'zod'

import {
  listBackfills,
  settleBackfills,
  type Backfill,
  type BackfillPart,
} from '#catalog/backfills.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Tenant } from '#model/tenant.ts'
import type { Caller } from '#operations/operation.ts'
import type { Parts } from '#operations/parts.ts'

export const backfillField = z
  .string()
  .min(1)
  .max(100)
  .meta({ names: 'backfill' })
  .describe('Id of the backfill, the end of one that fits no other, or `last`.')

export const backfillStates = [
  'planning',
  'running',
  'paused',
  'done',
  'failed',
  'cancelled',
] as const

export const backfillData = z
  .object({
    id: z.string(),
    title: z.string(),
    /** failed: at least one run or one plan did; what succeeded is published. */
    state: z.enum(backfillStates),
    paused: z.string().nullable(),
    class: z.enum(['normal', 'backfill']),
    concurrency: z.int().nullable(),
    order: z.enum(['oldest', 'newest']),
    createdBy: z.string(),
    createdAt: z.iso.datetime(),
    endedAt: z.iso.datetime().nullable(),
    undoneAt: z.iso.datetime().nullable(),
    tenants: z.object({
      total: z.int(),
      planning: z.int(),
      /** Everything was fresh there. */
      nothing: z.int(),
      running: z.int(),
      done: z.int(),
      failed: z.int(),
      cancelled: z.int(),
    }),
    /** Over all tenants; tasks that sources are still to tell of come in later. */
    tasks: z.object({
      total: z.int(),
      done: z.int(),
      unchanged: z.int(),
      held: z.int(),
      failed: z.int(),
      skipped: z.int(),
      cancelled: z.int(),
      rows: z.number(),
    }),
  })
  .meta({ entity: 'Backfill' })
export type BackfillData = z.output<typeof backfillData>

export function toBackfillData(backfill: Backfill): BackfillData {
  const { tenants, runs, tasks, request } = backfill
  const counts = {
    planning: tenants.planning ?? 0,
    nothing: tenants.nothing ?? 0,
    running: runs.running ?? 0,
    done: runs.done ?? 0,
    failed: (runs.failed ?? 0) + (tenants.failed ?? 0),
    cancelled: (runs.cancelled ?? 0) + (tenants.cancelled ?? 0),
  }
  const total = Object.values(tenants).reduce((sum, some) => sum + some, 0)
  return {
    id: backfill.id,
    title: backfill.title,
    state: stateOf(backfill, counts),
    paused: backfill.paused,
    class: backfill.class,
    concurrency: backfill.concurrency,
    order: request.order ?? 'oldest',
    createdBy: backfill.createdBy,
    createdAt: backfill.createdAt.toISOString(),
    endedAt: backfill.endedAt?.toISOString() ?? null,
    undoneAt: backfill.undoneAt?.toISOString() ?? null,
    tenants: { total, ...counts },
    tasks,
  }
}

function stateOf(
  { cancelledAt, paused }: Backfill,
  counts: { readonly planning: number; readonly running: number; readonly failed: number },
): BackfillData['state'] {
  const open = counts.planning + counts.running
  if (open > 0) {
    if (paused !== null) return 'paused'
    return counts.planning > 0 ? 'planning' : 'running'
  }
  if (cancelledAt) return 'cancelled'
  return counts.failed > 0 ? 'failed' : 'done'
}

export const backfillTenantData = z.object({
  tenant: z.string(),
  state: z.enum(['planning', 'nothing', 'running', 'done', 'failed', 'cancelled']),
  runId: z.string().nullable(),
  tasks: z.int(),
  ended: z.int(),
  bad: z.int(),
  error: z.string().nullable(),
})

export type BackfillTenantData = z.output<typeof backfillTenantData>

export function toBackfillTenantData(part: BackfillPart): BackfillTenantData {
  const { tenant, runId, total, ended, bad, error } = part
  const state = part.state === 'started' ? (part.runState ?? 'running') : part.state
  return {
    tenant: tenant.slug,
    state,
    runId,
    tasks: total,
    ended,
    bad,
    error: error?.message ?? null,
  }
}

/** Operators see all tenants of a backfill, others their own part of it. */
export function visibleTo(caller: Caller): Tenant | undefined {
  return caller.permissions.has('operator') ? undefined : caller.tenant
}

const SEARCHED = 1000

/**
 * The one that a person meant. One of which nothing is open any more is ended by whoever looks at it
 * first, so that it needs no scheduler. Throws `backfill-unknown`.
 */
export async function findBackfill(parts: Parts, caller: Caller, text: string): Promise<Backfill> {
  const found = await searchBackfill(parts, caller, text)
  const { planning, running } = toBackfillData(found).tenants
  if (found.endedAt !== null || planning + running > 0) return found
  await parts.catalog.asSystem((session) => settleBackfills(session))
  return searchBackfill(parts, caller, found.id)
}

async function searchBackfill(parts: Parts, caller: Caller, text: string): Promise<Backfill> {
  const tenant = visibleTo(caller)
  const isFull = /^bfl_[0-9a-z]{16}$/.test(text)
  const filter = isFull ? { id: text, limit: 1 } : { limit: text === 'last' ? 1 : SEARCHED }
  const found = await parts.catalog.asSystem((session) =>
    listBackfills(session, { ...filter, tenant }),
  )
  const fitting = isFull || text === 'last' ? found : found.filter(({ id }) => id.endsWith(text))
  const [only, ...others] = fitting
  if (!only || others.length > 0) throw new MillraceError('backfill-unknown', { backfill: text })
  return only
}

/** Steering one that other tenants take part in is for operators. Throws `forbidden`. */
export async function assertSteerable(
  parts: Parts,
  backfill: Backfill,
  caller: Caller,
  operation: string,
): Promise<void> {
  if (caller.permissions.has('operator')) return
  const [whole] = await parts.catalog.asSystem((session) =>
    listBackfills(session, { id: backfill.id, limit: 1 }),
  )
  if (whole && toBackfillData(whole).tenants.total === 1) return
  const permission = 'operator'
  throw new MillraceError('forbidden', { operation, permission, caller: caller.name })
}
