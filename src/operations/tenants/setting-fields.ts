import { z } from 'zod'

import { currentDeployment } from '#catalog/deployments.ts'
import type { SystemSession } from '#catalog/session.ts'
import type { OwnSettings, TenantSettings } from '#catalog/tenant-settings.ts'
import { MillraceError } from '#kernel/errors.ts'
import { assertLogo, LOGO_FORM } from '#operations/tenants/theme-logo.ts'

export const DEFAULT_WEIGHT = 100
const KEEP_DAYS_MAX = 36_500
const LOGO_LENGTH_MAX = 140_000

export const slugField = z.string().min(1).max(60).meta({ names: 'tenant' })

const days = (what: string, none: string) =>
  z
    .int()
    .min(0)
    .max(KEEP_DAYS_MAX)
    .nullable()
    .optional()
    .describe(`Days that ${what} are kept; null: ${none}.`)

/** What a tenant's admins may say. Null takes a setting away. */
export const ownFields = {
  name: z.string().trim().min(1).max(200).optional().describe('What people call the tenant.'),
  timeZone: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe('IANA time zone, in which schedules are written: Europe/Berlin.'),
  locale: z
    .string()
    .min(2)
    .max(35)
    .optional()
    .describe('Language and region of mails, as BCP 47 writes them: de-AT.'),
  colour: z
    .string()
    .regex(/^#[0-9a-f]{6}$/i, 'is a colour like #1a7f5a')
    .nullable()
    .optional()
    .describe('Colour of its pages and mails: #1a7f5a.'),
  logo: z
    .string()
    .max(LOGO_LENGTH_MAX)
    .regex(LOGO_FORM, 'is an image as a data address: data:image/png;base64,…')
    .nullable()
    .optional()
    .describe('PNG, JPEG, WebP or plain SVG as a data address, up to 100 KiB.'),
  keepVersionsDays: days('former versions', 'as long as the deployment says'),
  keepRunsDays: days('tasks of ended runs', 'for good'),
  keepLogsDays: days('logs of ended runs', 'as long as their tasks'),
}

/** What only operators may say. */
export const providedFields = {
  packs: z
    .array(z.string().min(1).max(100))
    .max(1000)
    .nullable()
    .optional()
    .describe('Names of the packs that it has; null: all that are deployed. For operators.'),
  weight: z
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe(
      `Share of the slots while others want them, too: 200 is twice as much as ${DEFAULT_WEIGHT}, the default. For operators.`,
    ),
  limit: z
    .int()
    .min(0)
    .max(100_000)
    .nullable()
    .optional()
    .describe(
      'Most batches of it that run at the same time; null: as many as there are slots. For operators.',
    ),
  rate: z
    .string()
    .max(20)
    .nullable()
    .optional()
    .describe(
      'Most tasks of it that start within a time: 100/1m; null: any number. For operators.',
    ),
  keepDaysMax: z
    .int()
    .min(0)
    .max(KEEP_DAYS_MAX)
    .nullable()
    .optional()
    .describe('Most days that it may keep anything that it needs no more. For operators.'),
}

export type OwnInput = {
  readonly [Name in keyof typeof ownFields]?: z.output<(typeof ownFields)[Name]>
}
export type ProvidedInput = {
  readonly [Name in keyof typeof providedFields]?: z.output<(typeof providedFields)[Name]>
}

/**
 * The settings that these fields ask for, over the former ones. Throws `zone-unknown`,
 * `input-invalid` for a locale that is none and for days beyond the operators' bound.
 */
export function ownSettings(
  input: OwnInput,
  former: Pick<TenantSettings, 'branding' | 'retention'>,
  keepDaysMax: number | null,
): Partial<OwnSettings> {
  const { name, timeZone, locale, colour, logo } = input
  if (logo) assertLogo(logo)
  const retention = {
    versionsDays: changed(former.retention.versionsDays, input.keepVersionsDays),
    runsDays: changed(former.retention.runsDays, input.keepRunsDays),
    logsDays: changed(former.retention.logsDays, input.keepLogsDays),
  }
  for (const field of ['keepVersionsDays', 'keepRunsDays', 'keepLogsDays'] as const) {
    const asked = input[field]
    if (asked != null && keepDaysMax !== null && asked > keepDaysMax) {
      throw new MillraceError('input-invalid', {
        path: field,
        message: `is at most ${keepDaysMax} for this tenant`,
      })
    }
  }
  const branding = {
    ...withoutNull('colour', changed(former.branding.colour ?? null, colour)),
    ...withoutNull('logo', changed(former.branding.logo ?? null, logo)),
  }
  const keeps = [input.keepVersionsDays, input.keepRunsDays, input.keepLogsDays]
  return {
    ...(name === undefined ? {} : { name }),
    ...(timeZone === undefined ? {} : { timeZone: zoneNamed(timeZone) }),
    ...(locale === undefined ? {} : { locale: localeNamed(locale) }),
    ...(colour === undefined && logo === undefined ? {} : { branding }),
    ...(keeps.every((days) => days === undefined) ? {} : { retention }),
  }
}

function changed<T>(former: T | null, given: T | null | undefined): T | null {
  return given === undefined ? former : given
}

function withoutNull(name: string, value: string | null): Record<string, string> {
  return value === null ? {} : { [name]: value }
}

function zoneNamed(zone: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone && zone
  } catch {
    throw new MillraceError('zone-unknown', { zone })
  }
}

function localeNamed(locale: string): string {
  try {
    return Intl.getCanonicalLocales(locale)[0] ?? locale
  } catch {
    throw new MillraceError('input-invalid', {
      path: 'locale',
      message: 'is no language tag like de, de-AT or pt-BR',
    })
  }
}

/** Throws `pack-unknown` for what is not deployed. */
export async function assertPacks(
  session: SystemSession,
  packs: readonly string[] | null | undefined,
): Promise<void> {
  if (!packs) return
  const current = await currentDeployment(session)
  const known = current?.packs.map(({ name }) => name) ?? []
  const pack = packs.find((name) => !known.includes(name))
  if (pack !== undefined) {
    throw new MillraceError('pack-unknown', { pack, known: known.join(', ') || 'none' })
  }
}
