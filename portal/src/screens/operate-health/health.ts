import type { OutputOf } from '~/api/client.ts'

export type Health = OutputOf<'health.check'>
export type Finding = Health['checks'][number]
export type QueueState = OutputOf<'queue.show'>
export type TenantPulse = OutputOf<'tenants.overview'>['tenants'][number]

const gravity = { problem: 0, warning: 1, ok: 2 } as const

/** What wants somebody, the gravest first. */
export function findingsOf({ checks }: Health): Finding[] {
  return checks
    .filter(({ state }) => state !== 'ok')
    .toSorted((a, b) => gravity[a.state] - gravity[b.state])
}

/** Word of the palette for a finding's state. */
export const lookOfFinding = { ok: 'ok', warning: 'warning', problem: 'error' } as const

export const waits = ['running', 'ready', 'parked', 'delayed', 'waiting'] as const
export type Wait = (typeof waits)[number]

/** Tasks of all tenants by what they wait for, and how long the oldest ready one does. */
export function queueTotals({ tenants }: QueueState): {
  readonly counts: Record<Wait, number>
  readonly all: number
  readonly oldestMs: number | null
} {
  const counts = { running: 0, ready: 0, parked: 0, delayed: 0, waiting: 0 }
  let oldestMs: number | null = null
  for (const tenant of tenants) {
    for (const wait of waits) counts[wait] += Number(tenant[wait])
    if (tenant.oldestWaitMs !== null) {
      oldestMs = Math.max(oldestMs ?? 0, Number(tenant.oldestWaitMs))
    }
  }
  return { counts, all: waits.reduce((sum, wait) => sum + counts[wait], 0), oldestMs }
}

export type TenantHealth = 'troubled' | 'breached' | 'failed' | 'dead' | 'halted' | 'well'

/** The gravest that can be said of a tenant. */
export function healthOf(
  pulse: Pick<TenantPulse, 'state' | 'troubled' | 'breached' | 'failedRuns' | 'dead'>,
): TenantHealth {
  if (Number(pulse.troubled) > 0) return 'troubled'
  if (Number(pulse.breached) > 0) return 'breached'
  if (Number(pulse.failedRuns) > 0) return 'failed'
  if (Number(pulse.dead) > 0) return 'dead'
  return pulse.state === 'active' ? 'well' : 'halted'
}

/** Word of the palette for a tenant. */
export const lookOfTenant: Record<TenantHealth, string> = {
  troubled: 'failed',
  breached: 'breached',
  failed: 'failed',
  dead: 'dead',
  halted: 'suspended',
  well: 'ok',
}
