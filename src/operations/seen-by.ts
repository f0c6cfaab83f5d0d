import type { Parts } from '#operations/parts.ts'
import { withPacks } from '#tasks/prepare-tasks.ts'
import type { Tenant } from '#model/tenant.ts'

/** The parts as a tenant sees them: without datasets and functions of packs that it does not have. */
export async function partsSeenBy(parts: Parts, tenant: Tenant): Promise<Parts> {
  const packs = await parts.factory.packsOf(tenant)
  if (packs === null) return parts
  const factory = await parts.factory.forTenant(tenant)
  return { ...parts, factory, tasks: withPacks(parts.tasks, packs) }
}
