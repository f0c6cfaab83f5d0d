import { z } from 'zod'

import { tenantsInCells } from '#catalog/cells.ts'
import { listTenants, tenantsBySlug } from '#catalog/tenants.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Tenant } from '#model/tenant.ts'
import type { Caller } from '#operations/operation.ts'
import type { Parts } from '#operations/parts.ts'

export const tenantFields = {
  tenants: z
    .array(z.string().min(1).max(60).meta({ names: 'tenant' }))
    .min(1)
    .max(10_000)
    .optional()
    .describe("Names of the tenants; default: the caller's own. Others are for operators."),
  allTenants: z
    .boolean()
    .default(false)
    .describe('Every tenant that is active, but for those in cells: each is asked by itself.'),
}

/** Each once; the caller's own where none is named. Throws `forbidden`, `tenant-unknown`, `tenant-in-cell`. */
export async function tenantsAsked(
  parts: Parts,
  caller: Caller,
  { tenants: names, allTenants }: z.output<z.ZodObject<typeof tenantFields>>,
  operation: string,
): Promise<Tenant[]> {
  const isOwn = !names || names.every((name) => name === caller.tenant.slug)
  if (!allTenants && isOwn) return [caller.tenant]
  if (!caller.permissions.has('operator')) {
    throw new MillraceError('forbidden', {
      operation: `${operation} for other tenants`,
      permission: 'operator',
      caller: caller.name,
    })
  }
  if (allTenants) {
    const active = await listTenants(parts.catalog, 'active')
    const placed = await inCells(parts, active)
    return active.filter(({ id }) => !placed.has(id))
  }
  const all = await tenantsBySlug(parts.catalog, names ?? [])
  const bySlug = new Map(all.map((tenant) => [tenant.slug, tenant]))
  const named = [...new Set(names)].map((name) => {
    const tenant = bySlug.get(name)
    if (!tenant) throw new MillraceError('tenant-unknown', { tenant: name })
    return tenant
  })
  const placed = await inCells(parts, named)
  const elsewhere = named.find(({ id }) => placed.has(id))
  if (elsewhere) throw new MillraceError('tenant-in-cell', { tenant: elsewhere.slug })
  return named
}

/** Numbers of those whose data lie somewhere else than here. */
async function inCells(
  { catalog, directory }: Parts,
  tenants: readonly Tenant[],
): Promise<ReadonlySet<number>> {
  if (catalog !== directory) return new Set()
  return directory.asSystem((session) => tenantsInCells(session, tenants))
}
