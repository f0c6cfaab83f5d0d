import { z } from 'zod'

import {
  overviewOrders,
  tenantDays,
  tenantHours,
  tenantOverview,
  type TenantDay,
  type TenantHour,
  type TenantPulse,
} from '#catalog/tenant-overview.ts'
import { tenantStates } from '#catalog/tenants.ts'
import { beginningOfIds } from '#kernel/ids.ts'
import { defineOperation } from '#operations/operation.ts'

const HOUR_MS = 3_600_000
const HOURS = 24
const DAYS = 14

const series = (what: string) => z.array(z.number()).describe(what)

const pulseData = z.object({
  slug: z.string(),
  name: z.string(),
  state: z.enum(tenantStates),
  weight: z.int(),
  /** Where its data lie; null: here. What a cell does is not known here. */
  cell: z.string().nullable(),
  createdAt: z.iso.datetime(),
  running: z.int(),
  ready: z.int(),
  oldestWaitMs: z.number().nullable(),
  /** Partitions whose newest attempt failed or is held. */
  troubled: z.int(),
  /** Datasets that are older than their rule allows. */
  breached: z.int(),
  /** Of the last day. */
  failedRuns: z.int(),
  /** Background tasks that have failed for good. */
  dead: z.int(),
  bytes: z.int(),
  /** Of the last 24 hours, the oldest first; a run counts in the hour in which it began. */
  hours: z.object({
    done: series('Tasks that ended well.'),
    failed: series('Tasks that failed or are held.'),
    wallMs: series('Slot time.'),
  }),
  /** Of the last 14 days (UTC), the oldest first. */
  days: z.object({ requests: series('Requests.'), runs: series('Runs.') }),
})

export const tenantsOverview = defineOperation({
  name: 'tenants.overview',
  summary: 'Load, errors, freshness, backlog and spend of tenants, those in trouble first',
  permission: 'operator',
  rest: { method: 'GET', path: '/v1/tenant-overview' },
  input: z.strictObject({
    search: z.string().max(100).default('').describe('Part of the slug or the name.'),
    state: z.enum(tenantStates).optional().describe('Only those in this state.'),
    order: z
      .enum(overviewOrders)
      .default('trouble')
      .describe('Most trouble, load or backlog first; or by name.'),
    after: z
      .string()
      .regex(/^-?\d{1,15}:[a-z0-9-]{1,60}$/, 'is not the `next` of an answer')
      .optional()
      .describe('Where the former answer ended (`next`).'),
    limit: z.int().min(1).max(200).default(50).describe('Most tenants of the answer.'),
  }),
  output: z.object({
    /** The beginning of the first hour. */
    since: z.iso.datetime(),
    tenants: z.array(pulseData),
    next: z.string().nullable(),
  }),
  async handler({ search, state = null, order, after, limit }, { parts }) {
    const now = parts.clock.now().getTime()
    const since = new Date((Math.floor(now / HOUR_MS) - HOURS + 1) * HOUR_MS)
    const asked = { search, state, order, after: placeOf(after), limit: limit + 1 }
    const { found, hours, days } = await parts.catalog.asSystem(async (session) => {
      const found = await tenantOverview(session, asked)
      const ids = found.slice(0, limit).map(({ id }) => id)
      return {
        found,
        hours: await tenantHours(session, ids, beginningOfIds('run', since)),
        days: await tenantDays(session, ids, DAYS),
      }
    })
    const page = found.slice(0, limit)
    const last = page.at(-1)
    const hoursOf = Map.groupBy(hours, ({ tenantId }) => tenantId)
    const daysOf = Map.groupBy(days, ({ tenantId }) => tenantId)
    return {
      since: since.toISOString(),
      tenants: page.map((pulse) => ({
        ...shown(pulse),
        hours: byHour(hoursOf.get(pulse.id) ?? [], since),
        days: byDay(daysOf.get(pulse.id) ?? [], new Date(now)),
      })),
      next: found.length > limit && last ? `${last.rank}:${last.slug}` : null,
    }
  },
})

function placeOf(after: string | undefined): { rank: number; slug: string } | null {
  if (after === undefined) return null
  const at = after.indexOf(':')
  return { rank: Number(after.slice(0, at)), slug: after.slice(at + 1) }
}

function shown({ id: _id, rank: _rank, createdAt, ...pulse }: TenantPulse) {
  return { ...pulse, createdAt: createdAt.toISOString() }
}

function byHour(counted: readonly TenantHour[], since: Date) {
  const empty = () => Array.from({ length: HOURS }, () => 0)
  const hours = { done: empty(), failed: empty(), wallMs: empty() }
  for (const { hour, done, failed, wallMs } of counted) {
    const place = Math.round((hour.getTime() - since.getTime()) / HOUR_MS)
    if (place < 0 || place >= HOURS) continue
    hours.done[place] = done
    hours.failed[place] = failed
    hours.wallMs[place] = wallMs
  }
  return hours
}

function byDay(counted: readonly TenantDay[], now: Date) {
  const today = Date.parse(`${now.toISOString().slice(0, 10)}T00:00:00Z`)
  const of = (kind: TenantDay['kind']) => {
    const days = Array.from({ length: DAYS }, () => 0)
    for (const { day, amount, kind: own } of counted) {
      const place = DAYS - 1 + Math.round((Date.parse(`${day}T00:00:00Z`) - today) / (24 * HOUR_MS))
      if (own === kind && place >= 0 && place < DAYS) days[place] = amount
    }
    return days
  }
  return { requests: of('requests'), runs: of('runs') }
}
