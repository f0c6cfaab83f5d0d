import { useEffect } from 'react'

import { useSetAddress } from '~/browser/address.ts'
import type { ViewStore } from '~/matrix/view-store.ts'
import { fitted, type View } from '~/matrix/view.ts'

/** Browsers refuse an address that changes with every step of a wheel. */
const WRITTEN_AFTER_MS = 500

/** The window that a link names; null: it names none. */
export function viewOfAddress(address: Readonly<Record<string, string>>): View | null {
  const from = Date.parse(`${address['from'] ?? ''}Z`)
  const to = Date.parse(`${address['to'] ?? ''}Z`)
  return from < to ? { from, to } : null
}

/** Keeps the window in the address, to the minute; all of it is no window. */
export function useAddressOfView(store: ViewStore, extent: View | null): void {
  const setAddress = useSetAddress()
  const from = extent?.from
  const to = extent?.to
  useEffect(() => {
    if (from === undefined || to === undefined) return
    let timer: ReturnType<typeof setTimeout> | undefined
    const write = () => {
      const view = store.get()
      if (!view) return
      const all = fitted({ from, to })
      const isAll = view.from <= all.from && view.to >= all.to
      setAddress({
        from: isAll ? undefined : said(view.from),
        to: isAll ? undefined : said(view.to),
      })
    }
    const forget = store.onSettled(() => {
      clearTimeout(timer)
      timer = setTimeout(write, WRITTEN_AFTER_MS)
    })
    return () => {
      forget()
      clearTimeout(timer)
    }
  }, [store, setAddress, from, to])
}

function said(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16)
}
