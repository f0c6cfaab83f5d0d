import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'

import { MillraceError } from '#sdk/error.ts'
import { keyOfTab, takeKey } from '~/api/place.ts'
import { createPortalRouter } from '~/app/router.tsx'
import { doors } from '~/app/screens.ts'
import { showProblem } from '~/ui/toast.tsx'
import '~/styles/app.css'

takeKey()

const queries = new QueryClient({
  queryCache: new QueryCache({
    onError: (error) => {
      // A session that has ended, here or elsewhere.
      if (!(error instanceof MillraceError) || error.code !== 'unauthenticated') return
      if (keyOfTab() !== null || isDoor(router.state.location.pathname)) return
      queries.clear()
      void router.navigate({ to: '/sign-in', search: { next: router.state.location.href } })
    },
  }),
  mutationCache: new MutationCache({
    onError: (error, _input, _context, { meta }) => {
      // A change of the API says whether its screen shows the problem itself.
      if (meta?.['quiet'] === false) showProblem(error)
    },
  }),
  defaultOptions: {
    queries: {
      // Events tell what is old; this is for what they do not tell of.
      staleTime: 10_000,
      gcTime: 120_000,
      // The client of the SDK tries again what may be.
      retry: false,
    },
  },
})

/** Whoever stands before a door is nobody yet, and stays there. */
const isDoor = (path: string) => Object.values(doors).some((door) => door.path === path)

const router = createPortalRouter(queries)

const root = document.getElementById('root')
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  )
}
