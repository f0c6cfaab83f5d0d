import { Link } from '@tanstack/react-router'
import { useEffect } from 'react'

import { useAccess, useTenant } from '~/api/access.ts'
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
  useEffect(() => {
    if (colour === undefined) return
    const { style } = document.documentElement
    style.setProperty('--brand', colour)
    document.documentElement.dataset['brand'] = ''
    return () => {
      style.removeProperty('--brand')
      delete document.documentElement.dataset['brand']
    }
  }, [colour])
}
