/** Resources whose queries an operation's change makes old, beside its own. */
const byResource: Readonly<Record<string, readonly string[]>> = {
  runs: ['status', 'datasets', 'matrix', 'queue', 'tasks', 'lineage', 'analyses', 'home'],
  backfills: ['runs', 'status', 'datasets', 'matrix', 'queue', 'tasks'],
  quarantine: ['runs', 'status', 'datasets', 'quality', 'repairs', 'profiles', 'home'],
  repairs: ['quarantine', 'quality'],
  sources: ['status', 'datasets', 'home', 'sensors'],
  sensors: ['sources'],
  freshness: ['status', 'home', 'sources'],
  invitations: ['members'],
  members: ['roles', 'invitations', 'account', 'access'],
  roles: ['members', 'keys'],
  account: ['access', 'sessions'],
  tenants: ['access', 'usage', 'limits', 'rates'],
  deliveries: ['reports'],
  reports: ['deliveries'],
  subjects: ['erasures', 'datasets'],
  queue: ['tasks', 'limits'],
  tasks: ['queue'],
  limits: ['queue', 'usage'],
  acceptances: ['status', 'datasets', 'analyses'],
}

/** Resources that what an event tells of belongs to, by the first word of its kind. */
const byEvent: Readonly<Record<string, readonly string[]>> = {
  partition: [
    'status',
    'datasets',
    'matrix',
    'lineage',
    'home',
    'quality',
    'quarantine',
    'profiles',
    'endpoints',
    'analyses',
    'sources',
  ],
  run: ['runs', 'status', 'matrix', 'queue', 'lineage', 'home', 'tasks'],
  task: ['tasks', 'queue'],
  delivery: ['deliveries', 'reports'],
  report: ['reports', 'deliveries', 'home'],
  freshness: ['freshness', 'status', 'home', 'sources'],
  member: ['members', 'invitations', 'access'],
  key: ['keys'],
  backfill: ['backfills', 'runs'],
  quarantine: ['quarantine', 'quality', 'home'],
  source: ['sources', 'home'],
  erasure: ['erasures', 'subjects'],
  quota: ['usage', 'home'],
  subscription: ['subscriptions'],
}

export function touchedBy(operation: string): ReadonlySet<string> {
  const [resource = ''] = operation.split('.')
  return new Set([resource, ...(byResource[resource] ?? [])])
}

export function touchedByEvent(kind: string): readonly string[] {
  // Each event may be one that a webhook is told of.
  return [...(byEvent[kind.split('.')[0] ?? ''] ?? []), 'subscriptions']
}
