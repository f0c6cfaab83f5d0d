import type { OperationName } from '~/api/client.ts'
import { navigation } from '~/texts/navigation.ts'

export type Group = 'look' | 'share' | 'factory' | 'tenant' | 'operate'

export interface ScreenEntry {
  readonly path: string
  readonly group: Group
  /** Whoever may not call it does not see the way there. */
  readonly needs?: OperationName
  readonly load: () => Promise<{ readonly Screen: React.ComponentType }>
}

/** Screens by the end of their address; behind `/t/$tenant/` unless the path begins with a slash. */
export const screens = {
  home: { group: 'look', path: 'home', load: () => import('~/screens/home/screen.tsx') },
  explore: {
    group: 'look',
    path: 'explore',
    needs: 'endpoints.list',
    load: () => import('~/screens/explore/screen.tsx'),
  },
  quality: {
    group: 'look',
    path: 'quality',
    needs: 'quarantine.reasons',
    load: () => import('~/screens/quality/screen.tsx'),
  },
  subjects: {
    group: 'look',
    path: 'subjects',
    needs: 'subjects.kinds',
    load: () => import('~/screens/subjects/screen.tsx'),
  },
  deliveries: {
    group: 'share',
    path: 'deliveries',
    needs: 'deliveries.list',
    load: () => import('~/screens/deliveries/screen.tsx'),
  },
  reports: {
    group: 'share',
    path: 'reports',
    needs: 'reports.list',
    load: () => import('~/screens/reports/screen.tsx'),
  },
  endpoints: {
    group: 'share',
    path: 'endpoints',
    needs: 'endpoints.list',
    load: () => import('~/screens/endpoints/screen.tsx'),
  },
  queries: {
    group: 'share',
    path: 'queries',
    needs: 'savedQueries.list',
    load: () => import('~/screens/queries/screen.tsx'),
  },
  sources: {
    group: 'factory',
    path: 'sources',
    needs: 'status.show',
    load: () => import('~/screens/sources/screen.tsx'),
  },
  lineage: {
    group: 'factory',
    path: 'lineage',
    needs: 'status.show',
    load: () => import('~/screens/lineage/screen.tsx'),
  },
  matrix: {
    group: 'factory',
    path: 'matrix',
    needs: 'status.show',
    load: () => import('~/screens/matrix/screen.tsx'),
  },
  runs: {
    group: 'factory',
    path: 'runs',
    needs: 'runs.list',
    load: () => import('~/screens/runs/screen.tsx'),
  },
  tasks: {
    group: 'factory',
    path: 'tasks',
    needs: 'queue.show',
    load: () => import('~/screens/tasks/screen.tsx'),
  },
  schedules: {
    group: 'factory',
    path: 'schedules',
    needs: 'schedules.list',
    load: () => import('~/screens/schedules/screen.tsx'),
  },
  analyses: {
    group: 'factory',
    path: 'analyses',
    needs: 'status.show',
    load: () => import('~/screens/analyses/screen.tsx'),
  },
  keys: {
    group: 'tenant',
    path: 'keys',
    needs: 'keys.list',
    load: () => import('~/screens/keys/screen.tsx'),
  },
  people: {
    group: 'tenant',
    path: 'people',
    needs: 'members.list',
    load: () => import('~/screens/people/screen.tsx'),
  },
  usage: {
    group: 'tenant',
    path: 'usage',
    needs: 'usage.show',
    load: () => import('~/screens/usage/screen.tsx'),
  },
  audit: {
    group: 'tenant',
    path: 'audit',
    needs: 'audit.list',
    load: () => import('~/screens/audit/screen.tsx'),
  },
  settings: {
    group: 'tenant',
    path: 'settings',
    needs: 'tenants.configure',
    load: () => import('~/screens/settings/screen.tsx'),
  },
  operateTenants: {
    group: 'operate',
    path: '/operate/tenants',
    needs: 'tenants.list',
    load: () => import('~/screens/operate-tenants/screen.tsx'),
  },
  operateHealth: {
    group: 'operate',
    path: '/operate/health',
    needs: 'health.check',
    load: () => import('~/screens/operate-health/screen.tsx'),
  },
  operateMatrix: {
    group: 'operate',
    path: '/operate/matrix',
    needs: 'tenants.list',
    load: () => import('~/screens/operate-matrix/screen.tsx'),
  },
} as const satisfies Record<string, ScreenEntry>

export type ScreenName = keyof typeof screens

/** Screens of one thing: reached from the lists. */
export const details = {
  source: { path: 'sources/$source', load: () => import('~/screens/source/screen.tsx') },
  quarantine: { path: 'quarantine/$source', load: () => import('~/screens/quarantine/screen.tsx') },
  endpoint: { path: 'endpoints/$endpoint', load: () => import('~/screens/endpoint/screen.tsx') },
  run: { path: 'runs/$run', load: () => import('~/screens/run/screen.tsx') },
  task: { path: 'tasks/$task', load: () => import('~/screens/task/screen.tsx') },
  analysis: { path: 'analyses/$dataset', load: () => import('~/screens/analysis/screen.tsx') },
  receipt: { path: 'receipts/$receipt', load: () => import('~/screens/receipts/screen.tsx') },
} as const

/** Screens of no tenant: the ways in. */
export const doors = {
  signIn: { path: '/sign-in', load: () => import('~/screens/sign-in/screen.tsx') },
  setup: { path: '/setup', load: () => import('~/screens/setup/screen.tsx') },
  join: { path: '/join', load: () => import('~/screens/join/screen.tsx') },
  reset: { path: '/reset', load: () => import('~/screens/reset/screen.tsx') },
  embed: { path: '/embed/$embed', load: () => import('~/screens/embed/screen.tsx') },
} as const

export const groups: readonly Group[] = ['look', 'share', 'factory', 'tenant', 'operate']

/** In the order of the navigation. */
export function screensOf(group: Group): readonly ScreenName[] {
  return (Object.keys(screens) as ScreenName[]).filter((name) => screens[name].group === group)
}

export const titleOf = (name: ScreenName): string => navigation.screens[name]
