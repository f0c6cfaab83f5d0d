import { Link } from '@tanstack/react-router'
import { useEffect } from 'react'

import { tenantColours } from '#charts/tenant-colours.ts'
import { useAccess, useTenant } from '~/api/access.ts'
import { useTheme } from '~/browser/theme.ts'
import { common } from '~/texts/common.ts'

/** Whose portal it is: the tenant's logo and name, else the product's. */
export function Brand() {
  const tenant = useTenant()
  const access = useAccess()
  const { name, branding } = access?.tenant ?? { name: tenant ?? common.product, branding: {} }
  return (
    <Link to="/" className="flex min-w-0 items-center gap-2 font-semibold">
      {branding.logo === undefined ? (
        <span
          aria-hidden
          className="flex size-6 shrink-0 items-center justify-center rounded-md bg-accent text-xs text-accent-ink"
        >
          {name.slice(0, 1).toUpperCase()}
        </span>
      ) : (
        <img src={branding.logo} alt="" className="h-6 max-w-24 object-contain" />
      )}
      <span className="truncate">{name}</span>
    </Link>
  )
}

/** The tenant's colour in place of ours, made lighter or darker where it could not be read. */
export function useBrand(): void {
  const colour = useAccess()?.tenant.branding.colour
  const theme = useTheme()
  useEffect(() => {
    if (colour === undefined) return
    const { style, dataset } = document.documentElement
    const { accent, onAccent } = tenantColours(colour)[theme]
    style.setProperty('--brand', colour)
    style.setProperty('--accent', accent)
    style.setProperty('--accent-ink', onAccent)
    dataset['brand'] = ''
    return () => {
      for (const name of ['--brand', '--accent', '--accent-ink']) style.removeProperty(name)
      delete dataset['brand']
    }
  }, [colour, theme])
}
