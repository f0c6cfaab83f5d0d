import type { TenantSession } from '#catalog/session.ts'
import { tenantLimit, tenantSettings } from '#catalog/tenant-settings.ts'
import { ownStanding } from '#catalog/tenant-states.ts'
import { tenantBySlug } from '#catalog/tenants.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Tenant } from '#model/tenant.ts'
import { formatRate } from '#operations/limits/limit-data.ts'
import type { Caller } from '#operations/operation.ts'
import type { Parts } from '#operations/parts.ts'
import { toTenantData, type TenantData } from '#operations/tenants/tenant-data.ts'

/** The tenant that a caller names: his own, or any if he is an operator. Throws `tenant-unknown`. */
export async function targetTenant(
  { catalog }: Pick<Parts, 'catalog'>,
  { tenant, permissions }: Caller,
  slug: string,
): Promise<Tenant> {
  if (slug === tenant.slug) return tenant
  const found = permissions.has('operator') ? await tenantBySlug(catalog, slug) : null
  if (!found) throw new MillraceError('tenant-unknown', { tenant: slug })
  return found
}

/** As answers show it. */
export async function readTenant(session: TenantSession): Promise<TenantData> {
  const settings = await tenantSettings(session)
  const standing = await ownStanding(session)
  const { runningMax, rate } = await tenantLimit(session)
  const limits = { limit: runningMax, rate: rate && formatRate(rate) }
  return toTenantData(session.tenant.slug, settings, standing, limits)
}
