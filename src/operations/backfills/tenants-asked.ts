import { z } from 'zod'

import { listTenants } from '#catalog/tenants.ts'
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
  allTenants: z.boolean().default(false).describe('Every tenant that there is.'),
}

/** Each once; the caller's own where none is named. Throws `forbidden`, `tenant-unknown`. */
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
  const all = await listTenants(parts.catalog)
  if (allTenants) return all
  const bySlug = new Map(all.map((tenant) => [tenant.slug, tenant]))
  return [...new Set(names)].map((name) => {
    const tenant = bySlug.get(name)
    if (!tenant) throw new MillraceError('tenant-unknown', { tenant: name })
    return tenant
  })
}
