import { inviteMember } from '#auth/invite-member.ts'
import { createKey } from '#catalog/keys.ts'
import { setLimit } from '#catalog/limits.ts'
import type { TenantSession } from '#catalog/session.ts'
import {
  provideSettings,
  setOwnSettings,
  tenantRequest,
  type TenantRequest,
} from '#catalog/tenant-settings.ts'
import { withinTenant } from '#catalog/tenant-session.ts'
import { addTenant } from '#catalog/tenants.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Tenant } from '#model/tenant.ts'
import { mintKey } from '#operations/keys/api-key.ts'
import { parseRate } from '#operations/limits/limit-data.ts'
import { actorOf } from '#operations/members/member-data.ts'
import type { Caller } from '#operations/operation.ts'
import type { Parts } from '#operations/parts.ts'
import { assertOptions, saveOptions, type OptionsGiven } from '#operations/sources/save-options.ts'
import { FIRST_KEY_PERMISSIONS } from '#operations/tenants/first-key.ts'
import {
  assertPacks,
  ownSettings,
  type OwnInput,
  type ProvidedInput,
} from '#operations/tenants/setting-fields.ts'
import { readTenant } from '#operations/tenants/target-tenant.ts'
import type { TenantData } from '#operations/tenants/tenant-data.ts'

export interface OnboardInput extends OwnInput, ProvidedInput {
  readonly slug: string
  readonly sources?: Readonly<Record<string, OptionsGiven>> | undefined
  readonly admin?: string | undefined
  readonly cell?: string | undefined
  readonly withKey: boolean
}

export interface Onboarded extends TenantData {
  readonly created: boolean
  readonly keyId: string | null
  readonly key: string | null
  readonly invitation: string | null
}

const NO_SETTINGS = {
  branding: {},
  retention: { versionsDays: null, runsDays: null, logsDays: null },
}

/**
 * Makes a tenant with all that it begins with, in one transaction: whatever is wrong, nothing of it
 * is there. Throws `tenant-exists`, `tenant-slug-invalid` and what each part of the input may.
 */
export async function onboardTenant(
  parts: Parts,
  caller: Caller,
  input: OnboardInput,
  request: TenantRequest | null,
): Promise<Onboarded> {
  const { slug, packs, weight, keepDaysMax, withKey } = input
  const own = ownSettings(input, NO_SETTINGS, keepDaysMax ?? null)
  const rate = input.rate == null ? null : parseRate(input.rate)
  const sources = Object.entries(input.sources ?? {})
  for (const [dataset, given] of sources) await assertOptions(parts, { dataset, given })
  const minted = withKey ? mintKey(parts.ids, parts.random) : null
  const { data, invitation } = await parts.catalog.asSystem(async (system) => {
    const tenant = await addTenant(system, slug)
    await assertPacks(system, packs)
    await provideSettings(system, tenant.id, { packs, weight, keepDaysMax, ...request })
    return withinTenant(system, tenant, async (session) => {
      await setOwnSettings(session, own)
      if (input.limit != null || rate !== null) {
        const setting = { scope: 'tenant', value: '', runningMax: input.limit, rate } as const
        await setLimit(session, setting, 'operator')
      }
      for (const [dataset, given] of sources) {
        const change = { dataset, given, replace: true, byOperator: true }
        await saveOptions(parts, session, change)
      }
      if (minted) {
        const { id, hash } = minted
        const permissions = FIRST_KEY_PERMISSIONS
        await createKey(session, { id, hash, name: 'first key', permissions })
      }
      const data = await readTenant(session)
      return { data, invitation: await inviteOwner(parts, caller, session, input) }
    })
  })
  return {
    ...data,
    created: true,
    keyId: minted?.id ?? null,
    key: minted?.key ?? null,
    invitation,
  }
}

/** Address of the invitation for whoever onboards to hand on; null where it is mailed, or nobody is. */
async function inviteOwner(
  parts: Parts,
  caller: Caller,
  session: TenantSession,
  { slug, name = slug, admin }: OnboardInput,
): Promise<string | null> {
  if (admin === undefined) return null
  const about = { email: admin, role: 'owner', tenantName: name }
  const by = { invitedBy: actorOf(caller), inviter: caller.person?.email ?? 'Millrace' }
  return (await inviteMember(parts, session, { ...about, ...by })).link
}

/** What the same request has made. Throws `tenant-exists`, `tenant-request-differs`. */
export async function onboardedBefore(
  parts: Pick<Parts, 'catalog'>,
  tenant: Tenant,
  asked: TenantRequest | null,
): Promise<Onboarded> {
  const { data, made } = await parts.catalog.asTenant(tenant, async (session: TenantSession) => ({
    data: await readTenant(session),
    made: await tenantRequest(session),
  }))
  const { slug } = tenant
  if (!asked || asked.requestKey !== made?.requestKey) {
    throw new MillraceError('tenant-exists', { tenant: slug })
  }
  if (asked.requestHash !== made.requestHash) {
    throw new MillraceError('tenant-request-differs', { key: asked.requestKey, tenant: slug })
  }
  return { ...data, created: false, keyId: null, key: null, invitation: null }
}
