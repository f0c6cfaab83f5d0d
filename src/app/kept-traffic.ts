import type { Catalog } from '#catalog/catalog.ts'
import {
  measureTrafficDays,
  trafficDays,
  trafficLines,
  type TrafficDay,
  type TrafficLine,
} from '#catalog/traffic-days.ts'
import type { KeptObject, KeptObjects } from '#connectors/kept-objects.ts'
import type { Tenant } from '#model/tenant.ts'
import { KEEP_TRAFFIC_DAYS } from '#serving/traffic.ts'

const NAME = /^endpoints\/(\d{4})\/(\d{2})\/(\d{2})\.ndjson$/
/** The oldest day loses its hours one by one: what is not whole any more is not shown. */
const SHOWN_DAYS = KEEP_TRAFFIC_DAYS - 2
const LINES_AT_ONCE = 5_000
/** The embedded engine does one thing at a time: others have their turn in between. */
const DAYS_AT_ONCE = 30
const SIZES_MAX = 100_000
/** Belongs to the form of the lines: another form is another number. */
const FORM = 1

/** A tenant's endpoint traffic by days, from the catalog that counts it: the directory's. */
export function keptTraffic(catalog: () => Catalog): (tenant: Tenant) => KeptObjects {
  // The lines of a day that did not change are not measured again.
  const sizes = new Map<string, number>()

  const measure = (tenant: Tenant, days: readonly string[]) =>
    catalog().asTenant(tenant, (session) => measureTrafficDays(session, SHOWN_DAYS, days))

  async function withSizes(tenant: Tenant, days: readonly TrafficDay[]): Promise<KeptObject[]> {
    if (sizes.size > SIZES_MAX) sizes.clear()
    const idOf = (day: TrafficDay) => `${tenant.id} ${day.day} ${tagOf(day)}`
    const objects = new Map<string, KeptObject>()
    for (const day of days) {
      const sizeBytes = sizes.get(idOf(day))
      if (sizeBytes !== undefined) objects.set(day.day, toObject(day, sizeBytes))
    }
    const unknown = days.map(({ day }) => day).filter((day) => !objects.has(day))
    for (let from = 0; from < unknown.length; from += DAYS_AT_ONCE) {
      for (const day of await measure(tenant, unknown.slice(from, from + DAYS_AT_ONCE))) {
        sizes.set(idOf(day), day.sizeBytes)
        // It may have grown since it was listed.
        objects.set(day.day, toObject(day, day.sizeBytes))
      }
    }
    return days.flatMap(({ day }) => objects.get(day) ?? [])
  }

  return (tenant) => ({
    async find(name) {
      const day = dayOf(name)
      const [found] = day === null ? [] : await measure(tenant, [day])
      return found ? toObject(found, found.sizeBytes) : null
    },
    async *list(prefix) {
      const shown = await catalog().asTenant(tenant, (session) => trafficDays(session, SHOWN_DAYS))
      yield* await withSizes(
        tenant,
        shown.filter(({ day }) => nameOf(day).startsWith(prefix)),
      )
    },
    async *read(name) {
      const day = dayOf(name)
      if (day === null) return null
      let lines = 0
      let requests = 0
      let after: TrafficLine | null = null
      for (;;) {
        const page: TrafficLine[] = await catalog().asTenant(tenant, (session) =>
          trafficLines(session, day, { after, limit: LINES_AT_ONCE }),
        )
        for (const line of page) requests += line.requests
        lines += page.length
        after = page.at(-1) ?? after
        if (page.length > 0) yield Buffer.from(page.map(({ line }) => `${line}\n`).join(''))
        if (page.length < LINES_AT_ONCE) break
      }
      if (after === null) return null
      return toObject({ day, lines, requests, lastHour: after.hour }, 0)
    },
  })
}

function dayOf(name: string): string | null {
  const found = NAME.exec(name)
  if (!found) return null
  const day = found.slice(1).join('-')
  const time = Date.parse(`${day}T00:00:00Z`)
  return Number.isNaN(time) || !new Date(time).toISOString().startsWith(day) ? null : day
}

function nameOf(day: string): string {
  return `endpoints/${day.replaceAll('-', '/')}.ndjson`
}

function tagOf({ lines, requests }: Pick<TrafficDay, 'lines' | 'requests'>): string {
  return `${FORM}-${lines}-${requests}`
}

/** Known to the hour: counts are kept by the hour. */
function toObject(day: TrafficDay, sizeBytes: number): KeptObject {
  return { name: nameOf(day.day), sizeBytes, etag: tagOf(day), modifiedAt: day.lastHour }
}
