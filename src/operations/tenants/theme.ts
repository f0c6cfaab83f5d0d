import { z } from 'zod'

import { tenantColours } from '#charts/tenant-colours.ts'
import { tenantSettings } from '#catalog/tenant-settings.ts'
import { defineOperation } from '#operations/operation.ts'
import { logoOf } from '#operations/tenants/theme-logo.ts'

const tintData = z.object({
  accent: z.string(),
  /** Of text on it. */
  onAccent: z.string(),
  /** Against the ground that it is hardest to tell from. */
  contrast: z.number(),
  /** It is darker or lighter than the colour that was asked for, so that it can be read. */
  isAdjusted: z.boolean(),
})

export const showTheme = defineOperation({
  name: 'tenants.theme',
  summary: 'Looks of the tenant: its logo, and its colour as light and dark pages use it',
  permission: 'read',
  home: 'directory',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/theme' },
  input: z.strictObject({}),
  output: z.object({
    name: z.string(),
    /** Address of the picture, below that of the server; null: it has none. */
    logo: z.string().nullable(),
    /** Null: Millrace's own. */
    colour: z.string().nullable(),
    light: tintData.nullable(),
    dark: tintData.nullable(),
  }),
  async handler(_input, { parts, caller: { tenant } }) {
    const { name, branding } = await parts.catalog.asTenant(tenant, tenantSettings)
    const { colour, logo } = branding
    const { light, dark } = colour ? tenantColours(colour) : { light: null, dark: null }
    return {
      name,
      logo: logo ? `logos/${tenant.slug}/${logoOf(logo).file}` : null,
      colour: colour ?? null,
      light,
      dark,
    }
  },
})
