import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { setSourceOptions } from '#catalog/options.ts'
import { createTenant } from '#catalog/tenants.ts'
import type { LogFields, Logger } from '#kernel/logger.ts'
import type { Tenant } from '#model/tenant.ts'
import { openServer, type TestServer } from '../support/open-server.ts'

/** Stands in every text of the other tenant, and nowhere else. */
export const CANARY = 'kanarie7f3a'

const pack: Readonly<Record<string, string>> = {
  'pack.ts': `
    import { definePack } from 'millrace'
    export default definePack({ name: 'meters', description: 'Meters of an isolation test.' })`,
  'sources/readings.ts': `
    import { defineSource } from 'millrace'
    export default defineSource({
      description: 'Readings of meters, one file a month.',
      format: 'csv',
      partition: 'month',
      columns: {
        at: { type: 'timestamp', role: 'time', optional: false },
        meter: { type: 'text', subject: true },
        value: { type: 'integer', optional: false },
      },
    })`,
  'sources/notes.ts': `
    import { defineSource } from 'millrace'
    export default defineSource({
      description: 'Notes as they are sent.',
      // Nothing of it is told while the matrix looks.
      append: { settle: '12h' },
      partition: 'year',
      columns: { note: { type: 'text', subject: 'meter' } },
    })`,
  'analyses/meter_months.sql': `-- Sum of each meter, month by month.
-- partition: month
-- order: meter
SELECT meter, CAST(sum(value) AS BIGINT) AS total FROM readings GROUP BY meter
`,
  'endpoints/meter_totals.sql': `-- Meters of a month.
-- param: month period = latest — which month
-- input: meter_months partition $month
-- order: meter
SELECT meter, total FROM meter_months
-- drill
-- input: readings partition $month
SELECT meter, value FROM readings WHERE meter = $row_meter ORDER BY value
`,
  'tasks/echo.ts': `
    import { defineTask } from 'millrace'
    let kept = null
    export default defineTask({
      description: 'Gives back what it got.',
      async run(payload, { log }) {
        log(JSON.stringify(payload))
        const former = payload.leak ? globalThis.former : kept
        kept = payload
        globalThis.former = payload
        return former ?? payload
      },
    })`,
}

/** A whole server with two tenants that have everything of their own, the same of both. */
export interface World {
  readonly server: TestServer
  readonly mine: Tenant
  readonly theirs: Tenant
  /** Lines that were logged since the last call, as they are written. */
  takeLog(): string[]
  close(): Promise<void>
}

/** The month that both have published, and the one that only the other tenant has. */
export const MONTH = '2021-04'
export const THEIR_MONTH = '2021-05'

export async function buildWorld(databaseUrl?: string): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-matrix-'))
  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  for (const [path, text] of Object.entries(pack)) await write(join('pack', path), text)
  const lines: string[] = []
  const server = await openServer(
    {},
    { packs: [join(folder, 'pack')], log: collector(lines), databaseUrl },
  )
  const [mine, theirs] = [
    await createTenant(server.open.catalog, 'mine'),
    await createTenant(server.open.catalog, `${CANARY}-tenant`),
  ]
  for (const kind of ['tenant', 'key', 'user', 'address']) {
    const answer = await server.app.inject({
      method: 'POST',
      url: `/v1/rates/defaults/${kind}`,
      headers: { authorization: `Bearer ${server.operatorKey}` },
      payload: { perMinute: 60_000_000, burst: 60_000_000 },
    })
    if (answer.statusCode !== 200) throw new Error(answer.body)
  }
  for (const [tenant, word] of [
    [mine, 'own'],
    [theirs, CANARY],
  ] as const) {
    const file = (month: string) =>
      write(
        join('data', tenant.slug, `${month}.csv`),
        `at,meter,value\n${month}-01T00:00:00,${word}-meter,7\n${month}-03T00:00:00,${word}-other,9\n${month}-02T00:00:00,${word}-bad,${word}-x\n`,
      )
    await file(MONTH)
    if (tenant === theirs) await file(THEIR_MONTH)
    const location = join(folder, 'data', tenant.slug, '{yyyy}-{MM}.csv')
    await server.open.catalog.asTenant(tenant, (session) =>
      setSourceOptions(session, 'readings', { location }),
    )
  }
  return {
    server,
    mine,
    theirs,
    takeLog: () => lines.splice(0),
    async close() {
      await server.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Every level; a line is everything that is said, as JSON. */
function collector(lines: string[], own: LogFields = {}): Logger {
  const add = (level: string) => (message: string, fields?: LogFields) => {
    lines.push(JSON.stringify({ level, message, ...own, ...fields }, spellErrors))
  }
  return {
    debug: add('debug'),
    info: add('info'),
    warn: add('warn'),
    error: add('error'),
    with: (fields) => collector(lines, { ...own, ...fields }),
  }
}

function spellErrors(_key: string, value: unknown): unknown {
  return value instanceof Error ? `${value.stack} ${JSON.stringify(Object.entries(value))}` : value
}
