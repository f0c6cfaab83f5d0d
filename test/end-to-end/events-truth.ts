import { isIP } from 'node:net'

import { getDomain } from 'tldts'

import { groupBy, rowsOf, sorted, sum, type TruthRow } from './events-truth-rows.ts'
import { readEventsFile, type TruthEvent, type TruthFile } from './events-truth-csv.ts'

/** Every figure that the events pack publishes, computed a second time, in plain TypeScript. */
export interface Truth {
  readonly files: ReadonlyMap<string, TruthFile>
  /** Dataset → partition → rows in their published order. Partitions without rows are not listed. */
  readonly datasets: ReadonlyMap<string, ReadonlyMap<string, readonly TruthRow[]>>
}

interface User {
  readonly domain: string | null
  events: number
}
type Users = Map<string, User>

/**
 * Straight from the CSV files (by file month): own parsing, own rules, registrable domains by tldts
 * with its own copy of the Public Suffix List. Holds the events in memory: for real months and for
 * samples, not for benchmarks.
 */
export async function truthOf(
  paths: ReadonlyMap<string, string>,
  mailProviders: ReadonlySet<string>,
): Promise<Truth> {
  const files = new Map<string, TruthFile>()
  for (const [month, path] of paths) files.set(month, await readEventsFile(path))
  const days = usersByDay([...files.values()].flatMap(({ accepted }) => accepted))
  const months = groupBy([...days.keys()].toSorted(), (day) => day.slice(0, 7))

  const datasets = new Map<string, Map<string, TruthRow[]>>()
  const put = (dataset: string, partition: string, rows: TruthRow[]) => {
    const partitions = datasets.get(dataset) ?? new Map<string, TruthRow[]>()
    if (rows.length > 0) partitions.set(partition, rows)
    datasets.set(dataset, partitions)
  }
  for (const [month, { accepted }] of files) {
    put('events_by_period', month, eventsByPeriod(month, accepted))
    put('quality_card', month, qualityCard(month, accepted))
  }
  for (const [day, users] of days) {
    put(
      'users_by_day',
      day,
      rowsOf(users, (email, { domain, events }) => ({ email, email_domain: domain, events }), [
        'email',
      ]),
    )
    put('events_by_day', day, [eventsOfDay(day, users)])
  }
  const known = new Map<string, string>()
  for (const [month, keys] of months) {
    const dayRows = keys.flatMap((day) => datasets.get('events_by_day')?.get(day) ?? [])
    const users = merge(keys.map((day) => days.get(day) ?? new Map()))
    const domains = domainsOf(users, mailProviders)
    const companies = companiesOf(domains)
    put('events_by_month', month, [
      {
        month,
        events: sum(dayRows, 'events'),
        days: keys.length,
        users: [...users.keys()].filter((email) => email !== '').length,
      },
    ])
    put('events_by_weekday', month, byWeekday(dayRows))
    put(
      'top_users',
      month,
      ranked(
        [...users]
          .filter(([email]) => email !== '')
          .map(([email, { events }]) => ({ email, events })),
        'email',
      ),
    )
    put('domains_by_month', month, domains)
    put('companies_by_month', month, companies)
    put('top_companies', month, ranked(companies, 'company'))
    put('company_coverage', month, [coverage(domains)])
    const before = new Set(known.keys())
    for (const { company } of companies)
      if (!known.has(String(company))) known.set(String(company), month)
    put(
      'known_companies',
      month,
      rowsOf(known, (company, first_month) => ({ company, first_month }), ['company']),
    )
    put(
      'companies_new_returning',
      month,
      known.size > 0 ? [newAndReturning(month, companies, before, known.size)] : [],
    )
  }
  for (const [year, keys] of groupBy([...months.keys()], (month) => month.slice(0, 4))) {
    const rows = keys.flatMap((month) => datasets.get('events_by_month')?.get(month) ?? [])
    put('events_by_year', year, [
      { year, events: sum(rows, 'events'), months: rows.length, days: sum(rows, 'days') },
    ])
  }
  return { files, datasets }
}

function usersByDay(events: readonly TruthEvent[]): Map<string, Users> {
  const days = new Map<string, Users>()
  for (const { at, email } of events) {
    const day = new Date(at).toISOString().slice(0, 10)
    const users: Users = days.get(day) ?? new Map()
    days.set(day, users)
    const user = users.get(email) ?? { domain: domainOf(email), events: 0 }
    user.events++
    users.set(email, user)
  }
  return days
}

function domainOf(email: string): string | null {
  const at = email.lastIndexOf('@')
  return at < 0 || at === email.length - 1 ? null : email.slice(at + 1).toLowerCase()
}

function merge(days: readonly Users[]): Users {
  const users: Users = new Map()
  for (const [email, { domain, events }] of days.flatMap((day) => [...day])) {
    const user = users.get(email) ?? { domain, events: 0 }
    user.events += events
    users.set(email, user)
  }
  return users
}

function eventsByPeriod(month: string, events: readonly TruthEvent[]): TruthRow[] {
  const days = groupBy(events, ({ at }) => new Date(at).toISOString().slice(0, 10))
  return [...days.keys()].toSorted().map((day) => ({
    day,
    ...calendar(day),
    events: days.get(day)?.length ?? 0,
    spill: !day.startsWith(month),
  }))
}

function eventsOfDay(day: string, users: Users): TruthRow {
  let events = 0
  for (const user of users.values()) events += user.events
  return { day, ...calendar(day), events, users: users.size - (users.has('') ? 1 : 0) }
}

function calendar(day: string): { year: number; month: number; weekday: number } {
  const weekday = new Date(day).getUTCDay()
  return {
    year: Number(day.slice(0, 4)),
    month: Number(day.slice(5, 7)),
    weekday: weekday === 0 ? 7 : weekday,
  }
}

const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']

function byWeekday(days: readonly TruthRow[]): TruthRow[] {
  return [...groupBy(days, ({ weekday }) => Number(weekday))]
    .toSorted(([a], [b]) => a - b)
    .map(([weekday, rows]) => ({
      weekday,
      name: weekdays[weekday - 1] ?? '',
      days: rows.length,
      events: sum(rows, 'events'),
    }))
}

function domainsOf(users: Users, mailProviders: ReadonlySet<string>): TruthRow[] {
  const domains = new Map<string | null, { events: number; users: number }>()
  for (const [email, { domain, events }] of users) {
    const found = domains.get(domain) ?? { events: 0, users: 0 }
    domains.set(domain, {
      events: found.events + events,
      users: found.users + (email === '' ? 0 : 1),
    })
  }
  const rows = [...domains].map(([domain, counts]) => {
    const isProvider = domain !== null && mailProviders.has(domain)
    const company = domain === null || isProvider ? null : registrable(domain)
    const kind = isProvider ? 'mail provider' : company === null ? 'unusable' : 'company'
    return { email_domain: domain, kind, company, ...counts }
  })
  return sorted(rows, ['kind', 'email_domain'])
}

function registrable(domain: string): string | null {
  // tldts would cut ports, paths and brackets off; here they make the domain unusable.
  if (!/^[\p{L}\p{M}\p{N}.-]+$/u.test(domain)) return null
  return getDomain(domain, { allowIcannDomains: true, allowPrivateDomains: false })
}

function companiesOf(domains: readonly TruthRow[]): TruthRow[] {
  const companies = groupBy(
    domains.filter(({ kind }) => kind === 'company'),
    ({ company }) => String(company),
  )
  const rows = [...companies].map(([company, of]) => ({
    company,
    events: sum(of, 'events'),
    users: sum(of, 'users'),
  }))
  return sorted(rows, ['company'])
}

function ranked(rows: readonly TruthRow[], name: string): TruthRow[] {
  const byName = sorted(rows, [name]).toSorted((a, b) => Number(b['events']) - Number(a['events']))
  const sizes = groupBy(byName, ({ events }) => events)
  let rank = 0
  return byName
    .map((row, index) => {
      if (index === 0 || byName[index - 1]?.['events'] !== row['events']) rank = index + 1
      return { rank, ...row, tied: sizes.get(row['events'] ?? null)?.length ?? 0 }
    })
    .slice(0, 100)
}

function coverage(domains: readonly TruthRow[]): TruthRow {
  const of = (kind: string) =>
    sum(
      domains.filter((row) => row['kind'] === kind),
      'events',
    )
  return {
    events: sum(domains, 'events'),
    of_companies: of('company'),
    of_mail_providers: of('mail provider'),
    unusable: of('unusable'),
    companies: new Set(domains.flatMap(({ company }) => (company === null ? [] : [company]))).size,
  }
}

function newAndReturning(
  month: string,
  companies: readonly TruthRow[],
  before: ReadonlySet<string>,
  known: number,
): TruthRow {
  const returning = companies.filter(({ company }) => before.has(String(company)))
  const fresh = companies.filter(({ company }) => !before.has(String(company)))
  return {
    month,
    companies: companies.length,
    new_companies: fresh.length,
    returning_companies: returning.length,
    known_companies: known,
    new_events: sum(fresh, 'events'),
    returning_events: sum(returning, 'events'),
  }
}

function qualityCard(month: string, events: readonly TruthEvent[]): TruthRow[] {
  const isUuid = (id: string) =>
    /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i.test(id)
  const ids = events.map(({ id }) => id).filter(isUuid)
  const counts: Record<string, number> = {
    accepted: events.length,
    bad_emails: events.filter(({ email }) => !isEmail(email)).length,
    bad_ids: events.length - ids.length,
    bad_ips: events.filter(({ ip }) => isIP(ip) === 0 || ip.includes('%')).length,
    duplicates: ids.length - new Set(ids).size,
    out_of_month: events.filter(({ at }) => !new Date(at).toISOString().startsWith(month)).length,
  }
  return Object.entries(counts).map(([metric, rows]) => ({
    metric,
    rows,
    percent:
      events.length === 0
        ? null
        : (Math.round((100 * rows * 10_000) / events.length) / 10_000).toFixed(4),
  }))
}

function isEmail(email: string): boolean {
  const [local, domain, ...more] = email.split('@')
  if (!local || !domain || more.length > 0 || /[\t\n\f\r ]/.test(email)) return false
  const labels = domain.split('.')
  return labels.length > 1 && labels.every((label) => label !== '')
}
