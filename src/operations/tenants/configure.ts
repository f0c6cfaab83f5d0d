import { z } from 'zod'

import { removeLimit, setLimit } from '#catalog/limits.ts'
import type { TenantSession } from '#catalog/session.ts'
import { withinTenant } from '#catalog/tenant-session.ts'
import {
  provideSettings,
  setOwnSettings,
  tenantLimit,
  tenantSettings,
} from '#catalog/tenant-settings.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Tenant } from '#model/tenant.ts'
import { parseRate } from '#operations/limits/limit-data.ts'
import { defineOperation, type Caller } from '#operations/operation.ts'
import type { Parts } from '#operations/parts.ts'
import { inCellOf } from '#operations/tenants/in-cell-of.ts'
import {
  assertPacks,
  ownFields,
  ownSettings,
  providedFields,
  slugField,
  type OwnInput,
  type ProvidedInput,
} from '#operations/tenants/setting-fields.ts'
import { readTenant, targetTenant } from '#operations/tenants/target-tenant.ts'
import { tenantData, type TenantData } from '#operations/tenants/tenant-data.ts'

const shown = Object.keys({ ...ownFields, ...providedFields }).filter((name) => name !== 'logo')

export const configureTenant = defineOperation({
  name: 'tenants.configure',
  summary: 'Change settings of a tenant: name, zone, looks, retention; operators also its share',
  permission: 'admin',
  audit: shown,
  rest: { method: 'POST', path: '/v1/tenants/{slug}/settings' },
  input: z.strictObject({
    slug: slugField.describe('Its name in addresses.'),
    ...ownFields,
    ...providedFields,
  }),
  output: tenantData,
  async handler({ slug, ...input }, { parts, caller }) {
    const tenant = await targetTenant(parts, caller, slug)
    refuseOperators(input, caller)
    await parts.catalog.asSystem((session) => assertPacks(session, input.packs))
    const data = await change(parts, tenant, input)
    await inCellOf(parts, tenant, (own) => change(own, tenant, input))
    parts.log.info('tenant configured', { tenant: slug, by: caller.name })
    return data
  },
})

function change(
  { catalog }: Pick<Parts, 'catalog'>,
  tenant: Tenant,
  input: OwnInput & ProvidedInput,
): Promise<TenantData> {
  return catalog.asSystem(async (system) => {
    const { packs, weight, keepDaysMax } = input
    await provideSettings(system, tenant.id, { packs, weight, keepDaysMax })
    return withinTenant(system, tenant, async (session) => {
      const former = await tenantSettings(session)
      const bound = keepDaysMax === undefined ? former.keepDaysMax : keepDaysMax
      await setOwnSettings(session, ownSettings(input, former, bound))
      await changeLimit(session, input)
      return readTenant(session)
    })
  })
}

/** Throws `forbidden` for what only operators may say. */
function refuseOperators(input: ProvidedInput, { permissions, name }: Caller): void {
  if (permissions.has('operator')) return
  const fields = Object.keys(providedFields) as (keyof ProvidedInput)[]
  const given = fields.filter((field) => input[field] !== undefined)
  if (given.length === 0) return
  throw new MillraceError('forbidden', {
    operation: `tenants.configure with ${given.join(', ')}`,
    permission: 'operator',
    caller: name,
  })
}

async function changeLimit(
  session: TenantSession,
  { limit, rate }: Pick<ProvidedInput, 'limit' | 'rate'>,
): Promise<void> {
  if (limit === undefined && rate === undefined) return
  const former = await tenantLimit(session)
  const runningMax = limit === undefined ? former.runningMax : limit
  const starts = rate === undefined ? former.rate : rate === null ? null : parseRate(rate)
  if (runningMax === null && starts === null) {
    await removeLimit(session, 'tenant', '', 'operator')
  } else {
    const setting = { scope: 'tenant', value: '', runningMax, rate: starts } as const
    await setLimit(session, setting, 'operator')
  }
}
