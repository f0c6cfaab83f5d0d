import { OPERATOR, type Portal } from './portal.ts'

/** Screens of no tenant: the ways in, and the account. */
export function isDoor(address: string): boolean {
  return !address.startsWith('/t/') && !address.startsWith('/operate')
}

/** Every screen by its name, with its address; `{tenant}` stands for one. */
export async function addressesOf(portal: Portal): Promise<Record<string, string>> {
  const client = portal.client('demo')
  const [{ datasets }, { endpoints }, { runs }] = await Promise.all([
    client.datasets.list({}),
    client.endpoints.list({}),
    client.runs.list({ limit: 1 }),
  ])
  const source = datasets.find(({ kind }) => kind === 'source')?.dataset ?? 'none'
  const analysis = datasets.find(({ kind }) => kind === 'analysis')?.dataset ?? 'none'
  const endpoint = endpoints[0]?.endpoint ?? 'none'
  const run = runs[0]?.id ?? 'none'
  const { tasks } = await client.runs.tasks({ run })
  const { receipts } = await client.receipts.list({ limit: 1 })
  const inTenant = (
    'home explore quality subjects deliveries reports endpoints queries sources lineage matrix ' +
    'runs tasks schedules analyses keys people usage audit settings'
  ).split(' ')
  const details = {
    source: `sources/${source}`,
    quarantine: `quarantine/${source}`,
    endpoint: `endpoints/${endpoint}`,
    run: `runs/${run}`,
    task: `tasks/${tasks[0]?.id ?? 0}`,
    analysis: `analyses/${analysis}`,
    receipt: `receipts/${receipts[0]?.receipt ?? 'none'}`,
  }
  return {
    ...Object.fromEntries(inTenant.map((name) => [name, `/t/{tenant}/${name}`])),
    ...Object.fromEntries(
      Object.entries(details).map(([name, path]) => [name, `/t/{tenant}/${path}`]),
    ),
    'operate-tenants': '/operate/tenants',
    'operate-tenant-new': '/operate/tenants/new',
    'operate-health': '/operate/health',
    'operate-matrix': '/operate/matrix',
    account: '/account',
    'sign-in': '/sign-in',
    setup: '/setup#token=none',
    join: '/join#token=none',
    reset: '/reset#token=none',
  }
}

/** Something of everything, so that no list is empty in the pictures of the full state. */
export async function fillDemo(portal: Portal, say = (_line: string) => {}): Promise<void> {
  const client = portal.client('demo')
  const { link } = await client.invitations.create({
    email: 'mara@customer.example',
    role: 'analyst',
  })
  const mara = await portal.join(link ?? '', 'Mara Member', OPERATOR.password)
  const member = portal.client('demo', mara)
  await Promise.allSettled([
    client.datasets.rows({ dataset: 'top_companies', limit: 20 }).then((rows) => rows.text()),
    client.datasets.rows({ dataset: 'top_companies', limit: 5 }).then((rows) => rows.text()),
    client.deliveries.create({ dataset: 'users_by_day', format: 'csv' }),
    client.deliveries.create({ dataset: 'top_users', format: 'parquet' }),
    member.reports.create({
      report: 'weekly-companies',
      dataset: 'top_companies',
      cron: '0 7 * * 1',
    }),
    client.schedules.create({
      name: 'nightly',
      cron: '15 2 * * *',
      datasets: ['top_users'],
    }),
    client.savedQueries.create({
      name: 'busiest-days',
      sql: 'SELECT day, events FROM events_by_day ORDER BY events DESC LIMIT 10',
      description: 'The ten days with the most events',
    }),
    client.keys.create({ name: 'nightly import', permissions: ['read', 'write'] }),
    client.invitations.create({ email: 'paula@customer.example', role: 'viewer' }),
    client.freshness.set({ dataset: 'top_users', maxAge: '48h' }),
    client.runs.start({ datasets: ['top_companies'], mode: 'rerun' }),
    client.tasks.post({ name: 'thumbnails', payload: { image: 17 } }),
  ]).then((results) => {
    for (const result of results) {
      if (result.status === 'rejected') say(`not filled: ${String(result.reason)}`)
    }
  })
}
