import type { SystemSession, TenantSession } from '#catalog/session.ts'
import { withinTenant } from '#catalog/tenant-session.ts'
import { setTenantState } from '#catalog/tenant-states.ts'
import { catalogNow, listTriggers, resumeTrigger } from '#catalog/triggers.ts'
import type { Tenant } from '#model/tenant.ts'
import { nextFiring } from '#triggers/schedule-times.ts'
import type { ScheduleDefinition } from '#triggers/schedule.ts'

/**
 * Makes a tenant active again that was suspended or about to be deleted: its sensors and rules are
 * looked at at once, its schedules fire from their next due time on.
 */
export async function resumeTenant(system: SystemSession, tenant: Tenant): Promise<void> {
  await setTenantState(system, tenant.id, 'active', null)
  await withinTenant(system, tenant, resumeSchedules)
}

async function resumeSchedules(session: TenantSession): Promise<void> {
  const now = await catalogNow(session)
  for (const { id, definition, pausedAt } of await listTriggers(session, 'schedule')) {
    const next = nextOf(id, definition, now)
    if (pausedAt === null && next.nextAt !== null) await resumeTrigger(session, id, next)
  }
}

/** A schedule that cannot be understood any more is looked at at once, which says so. */
function nextOf(id: string, definition: unknown, now: Date): ReturnType<typeof nextFiring> {
  try {
    return nextFiring(id, definition as ScheduleDefinition, now)
  } catch {
    return { dueAt: now, nextAt: now }
  }
}
