import { z } from 'zod'

import type { TenantSettings } from '#catalog/tenant-settings.ts'
import type { TenantStanding } from '#catalog/tenant-states.ts'
import { tenantStates, type TenantEntry } from '#catalog/tenants.ts'

export const tenantEntryData = z.object({
  slug: z.string(),
  /** What people call it. */
  name: z.string(),
  state: z.enum(tenantStates),
  weight: z.int(),
  /** Most batches at the same time; null: no limit. */
  limit: z.int().nullable(),
  createdAt: z.iso.datetime(),
})

export function toTenantEntryData({ tenant, createdAt, ...entry }: TenantEntry) {
  return { slug: tenant.slug, ...entry, createdAt: createdAt.toISOString() }
}

export const tenantData = z
  .object({
    slug: z.string(),
    name: z.string(),
    state: z.enum(tenantStates),
    /** Why it is not active. */
    reason: z.string().nullable(),
    timeZone: z.string(),
    locale: z.string(),
    colour: z.string().nullable(),
    logo: z.string().nullable(),
    /** Days that former versions are kept; null: as long as the deployment says. */
    keepVersionsDays: z.int().nullable(),
    /** Days that tasks of ended runs are kept; null: for good. */
    keepRunsDays: z.int().nullable(),
    /** Days that logs of ended runs are kept; null: as long as their tasks. */
    keepLogsDays: z.int().nullable(),
    /** An operator's bound on all three. */
    keepDaysMax: z.int().nullable(),
    /** Null: all that are deployed. */
    packs: z.array(z.string()).nullable(),
    weight: z.int(),
    /** Most batches at the same time; null: no limit. */
    limit: z.int().nullable(),
    /** Most starts within a time, as `10/1m`. */
    rate: z.string().nullable(),
    /** Where its files go, relative to the lake. */
    folder: z.string(),
    createdAt: z.iso.datetime(),
  })
  .meta({ entity: 'Tenant' })
export type TenantData = z.output<typeof tenantData>

export function toTenantData(
  slug: string,
  settings: TenantSettings,
  standing: TenantStanding,
  { limit, rate }: Pick<TenantData, 'limit' | 'rate'>,
): TenantData {
  const { name, timeZone, locale, branding, retention, packs, weight, keepDaysMax } = settings
  return {
    slug,
    name,
    state: standing.state,
    reason: standing.reason,
    timeZone,
    locale,
    colour: branding.colour ?? null,
    logo: branding.logo ?? null,
    keepVersionsDays: retention.versionsDays,
    keepRunsDays: retention.runsDays,
    keepLogsDays: retention.logsDays,
    keepDaysMax,
    packs: packs && [...packs],
    weight,
    limit,
    rate,
    folder: `${slug}/`,
    createdAt: settings.createdAt.toISOString(),
  }
}
