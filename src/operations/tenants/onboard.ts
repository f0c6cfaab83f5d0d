import type { TenantSession } from '#catalog/session.ts'
import { tenantRequest, type TenantRequest } from '#catalog/tenant-settings.ts'
import { withinTenant } from '#catalog/tenant-session.ts'
import { setTenantState, tenantStanding } from '#catalog/tenant-states.ts'
import { addTenant, tenantsBySlug } from '#catalog/tenants.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Tenant } from '#model/tenant.ts'
import { placeTenant } from '#operations/cells/place-tenant.ts'
import type { Caller } from '#operations/operation.ts'
import type { Parts } from '#operations/parts.ts'
import {
  applySettings,
  applySources,
  letIn,
  provideBeginning,
  type Beginning,
} from '#operations/tenants/beginning.ts'
import { inCellOf } from '#operations/tenants/in-cell-of.ts'
import { assertPacks } from '#operations/tenants/setting-fields.ts'
import { readTenant } from '#operations/tenants/target-tenant.ts'
import type { TenantData } from '#operations/tenants/tenant-data.ts'

export interface Onboarded extends TenantData {
  readonly created: boolean
  readonly keyId: string | null
  readonly key: string | null
  readonly invitation: string | null
}

/**
 * Makes a tenant with all that it begins with, in one transaction: whatever is wrong, nothing of it
 * is there. Throws `tenant-exists`, `tenant-slug-invalid` and what each part of the input may.
 */
export async function onboardTenant(
  parts: Parts,
  caller: Caller,
  beginning: Beginning,
): Promise<Onboarded> {
  const { slug, packs } = beginning.input
  return parts.catalog.asSystem(async (system) => {
    const tenant = await addTenant(system, slug)
    await assertPacks(system, packs)
    await provideBeginning(system, tenant, beginning)
    return withinTenant(system, tenant, async (session) => {
      await applySettings(session, beginning)
      await applySources(parts, session, beginning)
      return made(beginning, await letIn(parts, caller, session, beginning), session)
    })
  })
}

const SETTING_UP = 'it is being set up'

/**
 * The same for a tenant whose data are to lie in a cell, which is another database: until both have
 * all of it the tenant is suspended, and the same call goes on with what an interrupted one began.
 */
export async function onboardInCell(
  parts: Parts,
  caller: Caller,
  beginning: Beginning,
  cell: string,
): Promise<Onboarded> {
  const { slug, packs } = beginning.input
  // One that does not exist, or cannot be reached, begins nothing.
  const held = await parts.cells.hold(cell)
  held.release()
  const tenant = await parts.catalog.asSystem(async (system) => {
    await assertPacks(system, packs)
    const begun = await addTenant(system, slug)
    await setTenantState(system, begun.id, 'suspended', SETTING_UP)
    return withinTenant(system, begun, async () => begun)
  })
  return goOnInCell(parts, caller, beginning, cell, tenant)
}

export async function goOnInCell(
  parts: Parts,
  caller: Caller,
  beginning: Beginning,
  cell: string,
  tenant: Tenant,
): Promise<Onboarded> {
  await placeTenant(parts, tenant, cell)
  await inCellOf(parts, tenant, (own) =>
    own.catalog.asSystem(async (system) => {
      await provideBeginning(system, tenant, beginning)
      await withinTenant(system, tenant, async (session) => {
        await applySettings(session, beginning)
        await applySources(own, session, beginning)
      })
    }),
  )
  return parts.catalog.asSystem(async (system) => {
    await provideBeginning(system, tenant, beginning)
    await setTenantState(system, tenant.id, 'active', null)
    return withinTenant(system, tenant, async (session) => {
      await applySettings(session, beginning)
      return made(beginning, await letIn(parts, caller, session, beginning), session)
    })
  })
}

/** A tenant that an interrupted call has left between its two databases. */
export async function isBeingSetUp(parts: Parts, tenant: Tenant): Promise<boolean> {
  const standing = await parts.catalog.asSystem((session) => tenantStanding(session, tenant.id))
  return standing?.state === 'suspended' && standing.reason === SETTING_UP
}

async function made(
  { minted }: Beginning,
  invitation: string | null,
  session: TenantSession,
): Promise<Onboarded> {
  const key = { keyId: minted?.id ?? null, key: minted?.key ?? null }
  return { ...(await readTenant(session)), created: true, ...key, invitation }
}

/** What the same request has made. Throws `tenant-exists`, `tenant-request-differs`. */
export async function onboardedBefore(
  parts: Pick<Parts, 'catalog'>,
  slug: string,
  asked: TenantRequest | null,
): Promise<Onboarded> {
  const [tenant] = await tenantsBySlug(parts.catalog, [slug])
  // A slug that is taken by nobody was that of a tenant that is gone.
  if (!tenant || !asked) throw new MillraceError('tenant-exists', { tenant: slug })
  const { data, request } = await parts.catalog.asTenant(tenant, async (session) => ({
    data: await readTenant(session),
    request: await tenantRequest(session),
  }))
  if (asked.requestKey !== request?.requestKey) {
    throw new MillraceError('tenant-exists', { tenant: slug })
  }
  if (asked.requestHash !== request.requestHash) {
    throw new MillraceError('tenant-request-differs', { key: asked.requestKey, tenant: slug })
  }
  return { ...data, created: false, keyId: null, key: null, invitation: null }
}
