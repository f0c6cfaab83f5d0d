import { useQueryClient } from '@tanstack/react-query'
import { Outlet, useRouterState } from '@tanstack/react-router'
import { Menu as MenuIcon, Search } from 'lucide-react'
import { useEffect, useState } from 'react'

import { useTenant } from '~/api/access.ts'
import { followEvents } from '~/api/live.ts'
import { AccountMenu } from '~/app/account-menu.tsx'
import { Brand, useBrand } from '~/app/brand.tsx'
import { Palette } from '~/app/palette.tsx'
import { SideNavigation } from '~/app/side-navigation.tsx'
import { ViewingBar } from '~/app/viewing-bar.tsx'
import { navigation } from '~/texts/navigation.ts'
import { IconButton } from '~/ui/button.tsx'
import { classes } from '~/ui/classes.ts'

/** What is around every screen: navigation at the side (behind a button on a phone), bar on top. */
export function Shell() {
  /** The address at which the navigation was opened: it closes by going anywhere. */
  const [openAt, setOpenAt] = useState<string | null>(null)
  const [isSearching, setSearching] = useState(false)
  const path = useRouterState({ select: ({ location }) => location.pathname })
  const isOpen = openAt === path
  useBrand()
  useLive()
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.metaKey || event.ctrlKey)) return
      event.preventDefault()
      setSearching(true)
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])

  return (
    <div className="flex min-h-dvh">
      <a
        href="#content"
        onClick={(event) => {
          event.preventDefault()
          document.getElementById('content')?.focus()
        }}
        className="absolute -top-12 left-2 z-50 rounded-md bg-accent px-3 py-2 text-accent-ink focus:top-2"
      >
        {navigation.skip}
      </a>
      <div
        className={classes(
          'fixed inset-y-0 left-0 z-30 w-56 shrink-0 border-r border-line bg-surface lg:sticky lg:top-0 lg:z-auto lg:flex lg:h-dvh',
          isOpen ? 'flex shadow-high' : 'hidden',
        )}
      >
        <SideNavigation />
      </div>
      {isOpen && (
        <div
          aria-hidden
          className="fixed inset-0 z-20 bg-black/40 lg:hidden"
          onClick={() => setOpenAt(null)}
        />
      )}
      <div className="flex min-w-0 grow flex-col">
        <div className="sticky top-0 z-10 flex h-12 items-center gap-2 border-b border-line bg-surface/95 px-3 backdrop-blur-sm sm:px-4">
          <div className="lg:hidden">
            <IconButton
              label={navigation.open}
              aria-expanded={isOpen}
              onClick={() => setOpenAt(path)}
            >
              <MenuIcon size={18} />
            </IconButton>
          </div>
          <div className="lg:hidden">
            <Brand />
          </div>
          <button
            type="button"
            onClick={() => setSearching(true)}
            className="ml-auto flex h-8 items-center gap-2 rounded-md border border-line bg-ground px-2.5 text-sm text-faint hover:border-line-strong lg:mr-auto lg:ml-0 lg:w-72"
          >
            <Search size={14} aria-hidden />
            <span className="hidden sm:inline">{navigation.goTo}</span>
            <kbd className="ml-auto hidden rounded border border-line px-1 text-2xs sm:inline">
              {isApple ? '⌘ K' : 'Ctrl K'}
            </kbd>
            <span className="sr-only sm:hidden">{navigation.goTo}</span>
          </button>
          <AccountMenu />
        </div>
        <ViewingBar />
        <main id="content" tabIndex={-1} className="flex min-w-0 grow flex-col outline-none">
          <Outlet />
        </main>
      </div>
      {isSearching && <Palette onClose={() => setSearching(false)} />}
    </div>
  )
}

const isApple = /mac|iphone|ipad/i.test(navigator.userAgent)

/** Events of the tenant on the screen. */
function useLive(): void {
  const tenant = useTenant()
  const queries = useQueryClient()
  useEffect(() => (tenant === null ? undefined : followEvents(tenant, queries)), [tenant, queries])
}
