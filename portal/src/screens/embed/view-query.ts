import { queryOptions } from '@tanstack/react-query'

import { tenantColours } from '#charts/tenant-colours.ts'
import { createClient } from '#sdk/client.ts'
import type { MillraceError } from '#sdk/error.ts'
import type { OutputOf } from '~/api/client.ts'
import { home } from '~/api/place.ts'

export type View = OutputOf<'embeds.view'>

const EVERY_MS = 60_000

/** What the link opens, asked for with nothing but the link: neither cookie nor key is sent. */
export function viewQuery(embed: string, token: string) {
  const client = createClient({
    url: home,
    exact: true,
    retries: 2,
    retryAfterMaxMs: 3_000,
    fetch: (url, init) => fetch(url, { ...init, credentials: 'omit' }),
  })
  return queryOptions<View, MillraceError>({
    queryKey: ['embed', embed, token],
    enabled: token !== '',
    queryFn: async ({ signal }) => {
      const view = await client.embeds.view({ embed, token }, { signal })
      dress(view)
      return view
    },
    // Numbers go on, and a server comes back; a link that has ended stays ended.
    refetchInterval: ({ state }) =>
      state.error?.code.startsWith('embed-') === true ? false : EVERY_MS,
  })
}

/** The theme and the colour that the view is to have, before anything of it is drawn. */
function dress({ theme, colour }: View): void {
  const { dataset, style } = document.documentElement
  if (theme !== 'auto') dataset['theme'] = theme
  if (colour === null) return
  const { accent, onAccent } = tenantColours(colour)[dataset['theme'] === 'dark' ? 'dark' : 'light']
  style.setProperty('--accent', accent)
  style.setProperty('--accent-ink', onAccent)
}
