import { inviteMember } from '#auth/invite-member.ts'
import { createKey } from '#catalog/keys.ts'
import { setLimit, type LimitSetting } from '#catalog/limits.ts'
import type { SystemSession, TenantSession } from '#catalog/session.ts'
import {
  provideSettings,
  setOwnSettings,
  type OwnSettings,
  type TenantRequest,
} from '#catalog/tenant-settings.ts'
import type { Tenant } from '#model/tenant.ts'
import { mintKey, type MintedKey } from '#operations/keys/api-key.ts'
import { parseRate } from '#operations/limits/limit-data.ts'
import { actorOf } from '#operations/members/member-data.ts'
import type { Caller } from '#operations/operation.ts'
import type { Parts } from '#operations/parts.ts'
import { assertOptions, saveOptions, type OptionsGiven } from '#operations/sources/save-options.ts'
import { FIRST_KEY_PERMISSIONS } from '#operations/tenants/first-key.ts'
import {
  ownSettings,
  type OwnInput,
  type ProvidedInput,
} from '#operations/tenants/setting-fields.ts'

export interface OnboardInput extends OwnInput, ProvidedInput {
  readonly slug: string
  readonly sources?: Readonly<Record<string, OptionsGiven>> | undefined
  readonly admin?: string | undefined
  readonly cell?: string | undefined
  readonly withoutKey: boolean
}

/** What a tenant begins with, as far as it could be checked before there is a tenant. */
export interface Beginning {
  readonly input: OnboardInput
  readonly request: TenantRequest | null
  readonly own: Partial<OwnSettings>
  /** Null: none. */
  readonly limit: LimitSetting | null
  readonly minted: MintedKey | null
}

const NO_SETTINGS = {
  branding: {},
  retention: { versionsDays: null, runsDays: null, logsDays: null },
}

export async function prepareBeginning(
  parts: Parts,
  input: OnboardInput,
  request: TenantRequest | null,
): Promise<Beginning> {
  const own = ownSettings(input, NO_SETTINGS, input.keepDaysMax ?? null)
  const rate = input.rate == null ? null : parseRate(input.rate)
  const isLimited = input.limit != null || rate !== null
  const limit = { scope: 'tenant', value: '', runningMax: input.limit, rate } as const
  for (const [dataset, given] of Object.entries(input.sources ?? {})) {
    await assertOptions(parts, { dataset, given })
  }
  const minted = input.withoutKey ? null : mintKey(parts.ids, parts.random)
  return { input, request, own, limit: isLimited ? limit : null, minted }
}

/** What operators have said. */
export async function provideBeginning(
  session: SystemSession,
  { id }: Tenant,
  { input, request }: Beginning,
): Promise<void> {
  const { packs, weight, keepDaysMax } = input
  await provideSettings(session, id, { packs, weight, keepDaysMax, ...request })
}

/** Settings and limits, which are kept wherever work is done for the tenant. */
export async function applySettings(
  session: TenantSession,
  { own, limit }: Beginning,
): Promise<void> {
  await setOwnSettings(session, own)
  if (limit) await setLimit(session, limit, 'operator')
}

export async function applySources(
  parts: Parts,
  session: TenantSession,
  { input }: Beginning,
): Promise<void> {
  for (const [dataset, given] of Object.entries(input.sources ?? {})) {
    await saveOptions(parts, session, { dataset, given, replace: true, byOperator: true })
  }
}

/**
 * The first key and the invitation of the first owner: the address for whoever onboards to hand on;
 * null where it is mailed, or nobody is invited.
 */
export async function letIn(
  parts: Parts,
  caller: Caller,
  session: TenantSession,
  { input, minted }: Beginning,
): Promise<string | null> {
  if (minted) {
    const { id, hash } = minted
    await createKey(session, { id, hash, name: 'first key', permissions: FIRST_KEY_PERMISSIONS })
  }
  const { slug, name = slug, admin } = input
  if (admin === undefined) return null
  const about = { email: admin, role: 'owner', tenantName: name }
  const by = { invitedBy: actorOf(caller), inviter: caller.person?.email ?? 'Millrace' }
  return (await inviteMember(parts, session, { ...about, ...by })).link
}
