import { z } from 'zod'

import { limitScopes, type Limit, type LimitScope, type SetBy } from '#catalog/limits.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Caller } from '#operations/operation.ts'

/** What a limit is about: one of these, or the whole tenant if none is named. */
export const limitSubject = {
  dataset: name('Only this dataset, or background tasks of this name.'),
  tag: name('Only tasks that ask for this tag.'),
  run: name('Only this run.'),
  backfill: name('Only this backfill.'),
  everywhere: z
    .boolean()
    .default(false)
    .describe('Counted over all tenants together; for operators.'),
}

function name(description: string) {
  return z.string().min(1).max(200).optional().describe(description)
}

export interface LimitSubjectInput {
  readonly dataset?: string | undefined
  readonly tag?: string | undefined
  readonly run?: string | undefined
  readonly backfill?: string | undefined
  readonly everywhere: boolean
}

export interface LimitSubject {
  readonly scope: LimitScope
  readonly value: string
  readonly everywhere: boolean
  readonly by: SetBy
}

/** Throws `limit-invalid`, and `forbidden` where only an operator may. */
export function limitSubjectOf(
  operation: string,
  input: LimitSubjectInput,
  caller: Caller,
): LimitSubject {
  const named = (['dataset', 'tag', 'run', 'backfill'] as const).filter((scope) => input[scope])
  if (named.length > 1) {
    throw new MillraceError('limit-invalid', {
      message: `a limit is about one thing, not about ${named.join(' and ')}`,
    })
  }
  const scope = named[0] ?? 'tenant'
  const value = named[0] ? (input[named[0]] ?? '') : ''
  const operator = caller.permissions.has('operator')
  if ((scope === 'tenant' || input.everywhere) && !operator) {
    throw new MillraceError('forbidden', { operation, permission: 'operator', caller: caller.name })
  }
  return { scope, value, everywhere: input.everywhere, by: operator ? 'operator' : 'tenant' }
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `10/1m`: ten starts within any minute. Throws `limit-invalid`. */
export function parseRate(text: string): { max: number; ms: number } {
  const [, max, count, unit] = /^(\d{1,9})\/(\d{0,6})(s|m|h|d)$/.exec(text) ?? []
  const rate = { max: Number(max), ms: Number(count || 1) * (UNITS[unit ?? ''] ?? 0) }
  if (!(rate.max > 0 && rate.ms > 0)) {
    throw new MillraceError('limit-invalid', {
      message: `a rate is starts within a time, like 10/1m, 5/s or 1000/12h, not "${text}"`,
    })
  }
  return rate
}

export function formatRate({ max, ms }: { readonly max: number; readonly ms: number }): string {
  const [unit, size] =
    Object.entries(UNITS).findLast(([, length]) => ms % length === 0) ?? (['s', 1_000] as const)
  return `${max}/${ms / size}${unit}`
}

export const limitData = z
  .object({
    /** Null: over all tenants together. */
    tenant: z.string().nullable(),
    scope: z.enum(limitScopes),
    value: z.string(),
    /** Most batches of builds, or background tasks, at the same time. */
    running: z.int().nullable(),
    /** Most starts, as `10/1m`. */
    rate: z.string().nullable(),
    byOperator: z.boolean(),
    runningNow: z.int(),
    startsLeft: z.int().nullable(),
    nextStartAt: z.iso.datetime().nullable(),
  })
  .meta({ entity: 'Limit' })
export type LimitData = z.output<typeof limitData>

export function toLimitData(limit: Limit): LimitData {
  return {
    tenant: limit.tenant,
    scope: limit.scope,
    value: limit.value,
    running: limit.runningMax,
    rate: limit.rate && formatRate(limit.rate),
    byOperator: limit.byOperator,
    runningNow: limit.running,
    startsLeft: limit.startsLeft,
    nextStartAt: limit.startsAt?.toISOString() ?? null,
  }
}
