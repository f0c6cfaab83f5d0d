import { z } from 'zod'

import { tenantSettings } from '#catalog/tenant-settings.ts'
import { isLimited } from '#model/access.ts'
import { defineOperation, permissions } from '#operations/operation.ts'

export const showAccess = defineOperation({
  name: 'access.show',
  summary: 'Who you are here, and what you may do and see: of the key or person that asks',
  permission: 'read',
  home: 'directory',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/access' },
  input: z.strictObject({}),
  output: z.object({
    /** `key mk_ab12…`, `user usr_…`, `operator`, `local`. */
    caller: z.string(),
    /** Of a person who has signed in. */
    email: z.string().nullable(),
    permissions: z.array(z.enum(permissions)),
    /** True: only some datasets, or parts of them, are seen. */
    limited: z.boolean(),
    /** For an operator who looks as a role of the tenant does (`tenants.view-as`): reads, changes nothing. */
    viewing: z.object({ role: z.string(), until: z.iso.datetime() }).nullable(),
    tenant: z.object({
      slug: z.string(),
      name: z.string(),
      timeZone: z.string(),
      locale: z.string(),
      branding: z.object({ colour: z.string().optional(), logo: z.string().optional() }),
    }),
  }),
  async handler(_input, { parts, caller }) {
    const { name, timeZone, locale, branding } = await parts.catalog.asTenant(
      caller.tenant,
      tenantSettings,
    )
    const { viewing } = caller
    return {
      caller: caller.name,
      email: caller.person?.email ?? null,
      permissions: [...caller.permissions],
      limited: isLimited(caller.access),
      viewing: viewing ? { role: viewing.role, until: viewing.until.toISOString() } : null,
      tenant: { slug: caller.tenant.slug, name, timeZone, locale, branding: { ...branding } },
    }
  },
})
