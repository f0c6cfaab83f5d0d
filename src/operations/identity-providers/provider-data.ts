import { z } from 'zod'

import { assertMayGrant } from '#auth/role-grants.ts'
import type { IdentityProvider } from '#catalog/identity-providers.ts'
import type { TenantSession } from '#catalog/session.ts'
import { MillraceError } from '#kernel/errors.ts'
import { normalEmail } from '#model/email.ts'
import type { Caller } from '#operations/operation.ts'

export const providerField = z
  .string()
  .min(1)
  .max(100)
  .meta({ names: 'identity-provider' })
  .describe('Id of the provider: `idp_…` as the list shows it.')

export const providerFields = {
  name: z
    .string()
    .min(1)
    .max(100)
    .refine((text) => text.isWellFormed() && !text.includes('\0') && /\S/.test(text), {
      error: 'is no text that can be kept: it is blank, or has a NUL character',
    })
    .describe('What people call it.'),
  issuer: z.url().max(500).describe('The issuer as the provider writes it: `https://…`.'),
  clientId: z.string().min(1).max(300).describe('Id of the client that was registered there.'),
  clientSecret: z
    .string()
    .min(1)
    .max(1_000)
    .meta({ secret: true })
    .describe('Secret of that client; none for a public client.'),
  domains: z
    .array(z.string().min(1).max(255))
    .min(1)
    .max(100)
    .describe('Domains of e-mail addresses that come in: `example.com`, not those below it.'),
  defaultRole: z
    .string()
    .max(60)
    .meta({ names: 'role' })
    .describe(
      'Role of whoever comes in for the first time; empty: people join by invitation only.',
    ),
}

export const providerData = z.object({
  id: z.string(),
  name: z.string(),
  issuer: z.string(),
  clientId: z.string(),
  hasSecret: z.boolean(),
  domains: z.array(z.string()),
  defaultRole: z.string().nullable(),
  /** Address by which people sign in. */
  link: z.string(),
  /** What has to be registered there as the address to come back to. */
  redirectUri: z.string(),
  createdAt: z.iso.datetime(),
})

export function toProviderData(
  provider: IdentityProvider,
  { link, redirectUri }: { readonly link: string; readonly redirectUri: string },
): z.input<typeof providerData> {
  const { domains, createdAt, ...rest } = provider
  return { ...rest, domains: [...domains], createdAt: createdAt.toISOString(), link, redirectUri }
}

/** Domains as addresses have them. Throws `input-invalid`. */
export function toDomains(written: readonly string[]): string[] {
  const domains = written.map((domain) => {
    const email = normalEmail(`a@${domain}`)
    if (email !== null) return email.slice(2)
    const message = `"${domain}" is no domain of e-mail addresses`
    throw new MillraceError('input-invalid', { path: 'domains', message, problems: [message] })
  })
  return [...new Set(domains)]
}

/**
 * The role that a provider may give by itself; null: none. Nobody becomes an owner so. Throws
 * `input-invalid`, `grant-beyond`, `role-unknown`.
 */
export async function grantedByDefault(
  session: TenantSession,
  caller: Caller,
  role: string,
): Promise<string | null> {
  if (role === '') return null
  if (role === 'owner') {
    const message = 'cannot be owner: owners are named one by one'
    throw new MillraceError('input-invalid', { path: 'defaultRole', message, problems: [message] })
  }
  await assertMayGrant(session, caller, role)
  return role
}
