import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
  type ParsedLocation,
} from '@tanstack/react-router'

import { accessQuery, accountQuery } from '~/api/access.ts'
import { basePath, keyOfTab } from '~/api/place.ts'
import { Crashed, Lost } from '~/app/faults.tsx'
import { details, doors, screens } from '~/app/screens.ts'
import { Shell } from '~/app/shell.tsx'
import { Welcome } from '~/app/welcome.tsx'
import { Toasts } from '~/ui/toast.tsx'

interface Context {
  readonly queries: QueryClient
}

const root = createRootRouteWithContext<Context>()({
  notFoundComponent: Lost,
  component: () => (
    <>
      <Outlet />
      <Toasts />
    </>
  ),
})

/** Whoever is nobody signs in first, and comes back to where they wanted to go. */
async function needSomebody({ queries }: Context, location: ParsedLocation): Promise<void> {
  if (keyOfTab() !== null) return
  const account = await queries.fetchQuery(accountQuery()).catch(() => null)
  // TanStack's redirect is thrown.
  // eslint-disable-next-line typescript/only-throw-error
  if (account === null) throw redirect({ to: '/sign-in', search: { next: location.href } })
}

const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  component: Shell,
  beforeLoad: ({ context, location }) => needSomebody(context, location),
})

const welcome = createRoute({ getParentRoute: () => inside, path: '/', component: Welcome })

const account = createRoute({
  getParentRoute: () => inside,
  path: '/account',
  component: lazyRouteComponent(() => import('~/screens/account/screen.tsx'), 'Screen'),
})

const tenant = createRoute({
  getParentRoute: () => inside,
  path: '/t/$tenant',
  // The navigation draws what one may once this is there; screens do not wait for it.
  loader: ({ context, params }) => {
    void context.queries.prefetchQuery(accessQuery(params.tenant))
  },
})

const tenantIndex = createRoute({
  getParentRoute: () => tenant,
  path: '/',
  beforeLoad: ({ params }) => {
    // eslint-disable-next-line typescript/only-throw-error
    throw redirect({ to: '/t/$tenant/home', params, replace: true })
  },
})

const operateIndex = createRoute({
  getParentRoute: () => inside,
  path: '/operate',
  beforeLoad: () => {
    // eslint-disable-next-line typescript/only-throw-error
    throw redirect({ to: '/operate/tenants', replace: true })
  },
})

function lazily<Path extends string>(
  parent: typeof tenant | typeof inside | typeof root,
  path: Path,
  load: () => Promise<{ readonly Screen: React.ComponentType }>,
) {
  return createRoute({
    getParentRoute: () => parent,
    path,
    component: lazyRouteComponent(load, 'Screen'),
  })
}

const inTenant = [...Object.values(screens), ...Object.values(details)].filter(
  ({ path }) => !path.startsWith('/'),
)
const forOperators = Object.values(screens).filter(({ path }) => path.startsWith('/'))

const tree = root.addChildren([
  inside.addChildren([
    welcome,
    account,
    operateIndex,
    ...forOperators.map(({ path, load }) => lazily(inside, path, load)),
    lazily(inside, '/operate/tenants/new', () => import('~/screens/operate-tenant-new/screen.tsx')),
    tenant.addChildren([
      tenantIndex,
      ...inTenant.map(({ path, load }) => lazily(tenant, path, load)),
    ]),
  ]),
  ...Object.values(doors).map(({ path, load }) => lazily(root, path, load)),
])

export function createPortalRouter(queries: QueryClient) {
  return createRouter({
    routeTree: tree,
    basepath: basePath,
    context: { queries },
    defaultPreload: 'intent',
    defaultErrorComponent: Crashed,
    defaultNotFoundComponent: Lost,
    scrollRestoration: true,
    // Search parameters are texts, as people read them in an address: `?tab=docs`.
    parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
    stringifySearch: (values) => {
      const given = Object.entries(values).filter(([, value]) => value != null && value !== '')
      const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)]))
      return text.size > 0 ? `?${text.toString()}` : ''
    },
  })
}
