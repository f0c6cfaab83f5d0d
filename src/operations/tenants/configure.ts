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
import { parseRate } from '#operations/limits/limit-data.ts'
import { defineOperation, type Caller } from '#operations/operation.ts'
import {
  assertPacks,
  ownFields,
  ownSettings,
  providedFields,
  slugField,
  type ProvidedInput,
} from '#operations/tenants/setting-fields.ts'
import { readTenant, targetTenant } from '#operations/tenants/target-tenant.ts'
import { tenantData } from '#operations/tenants/tenant-data.ts'

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
    const data = await parts.catalog.asSystem(async (system) => {
      await assertPacks(system, input.packs)
      const { packs, weight, keepDaysMax } = input
      await provideSettings(system, tenant.id, { packs, weight, keepDaysMax })
      return withinTenant(system, tenant, async (session) => {
        const former = await tenantSettings(session)
        const own = ownSettings(input, former, keepDaysMax ?? former.keepDaysMax)
        await setOwnSettings(session, own)
        await changeLimit(session, input)
        return readTenant(session)
      })
    })
    parts.log.info('tenant configured', { tenant: slug, by: caller.name })
    return data
  },
})

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
