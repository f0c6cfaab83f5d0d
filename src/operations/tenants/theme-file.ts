import type { Catalog } from '#catalog/catalog.ts'
import { tenantSettings } from '#catalog/tenant-settings.ts'
import { tenantBySlug } from '#catalog/tenants.ts'
import { remember } from '#kernel/remember.ts'
import type { Parts } from '#operations/parts.ts'
import { logoOf, type Logo } from '#operations/tenants/theme-logo.ts'

const REMEMBERED = { forMs: 60_000, most: 200 }

const lookUps = new WeakMap<Catalog, (path: string) => Promise<Logo | null>>()

/**
 * The picture at `<tenant>/<file>`, for whoever knows both: the name of the file is a hash of it, so
 * that nobody learns from trying which tenants there are. Null: there is none.
 */
export async function logoFile(
  { directory, clock }: Pick<Parts, 'directory' | 'clock'>,
  slug: string,
  file: string,
): Promise<Logo | null> {
  if (!/^[0-9a-f]{32}\.(?:png|jpg|webp|svg)$/.test(file)) return null
  let lookUp = lookUps.get(directory)
  if (!lookUp) {
    lookUp = remember(clock, REMEMBERED, async (path): Promise<Logo | null> => {
      const [of = '', wanted] = path.split('/')
      const tenant = await tenantBySlug(directory, of)
      if (!tenant) return null
      const { branding } = await directory.asTenant(tenant, tenantSettings)
      const logo = branding.logo ? logoOf(branding.logo) : null
      return logo?.file === wanted ? logo : null
    })
    lookUps.set(directory, lookUp)
  }
  return lookUp(`${slug}/${file}`)
}
