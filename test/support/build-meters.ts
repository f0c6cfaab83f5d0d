import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'

import { DuckDBInstance } from '@duckdb/node-api'
import { readSet, type ReadPartition } from '#catalog/files.ts'
import { createTenant } from '#catalog/tenants.ts'
import type { Door } from '#cli/door/door.ts'
import { openLocalDoor } from '#cli/door/local-door.ts'
import type { Tenant } from '#model/tenant.ts'
import { showAcknowledgement } from '#operations/acknowledgements/show.ts'
import { appendRows } from '#operations/datasets/append.ts'
import {
  buildFolder,
  openMillraceIn,
  type MillraceOptions,
  type TestMillrace,
} from './open-parts.ts'
import { afterwards } from './afterwards.ts'

export const metersPack = {
  'pack.ts': `
    import { definePack } from 'millrace'
    export default definePack({ name: 'meters', description: 'Meters that send what they read.' })`,
  'sources/ticks.ts': `
    import { defineSource } from 'millrace'
    export default defineSource({
      description: 'Readings as the meters send them.',
      append: { by: 'at', settle: '1s' },
      partition: 'day',
      columns: {
        at: { type: 'timestamp', role: 'time', optional: false },
        meter: { type: 'text', subject: 'meter' },
        value: { type: 'integer', optional: false },
        price: { type: 'decimal(20,4)' },
        tags: { type: 'text[]' },
      },
      derived: { twice: { type: 'integer', sql: 'value * 2' } },
      checks: ['few: warning all count(*) < 1000000'],
    })`,
  'sources/arrivals.ts': `
    import { defineSource } from 'millrace'
    export default defineSource({
      description: 'Whatever arrives, by the year of its arrival.',
      append: { settle: '1h' },
      partition: 'year',
      columns: { at: { type: 'timestamp', optional: false }, note: { type: 'text' } },
      observes: { column: 'at', by: 'day' },
    })`,
  'analyses/meter_days.sql': `-- Sum of each meter, day by day.
-- partition: day
-- order: meter
SELECT meter, CAST(sum(value) AS BIGINT) AS total FROM ticks GROUP BY meter
`,
} as const

/** Writes the pack, some of its files with other texts, and returns its folder. */
export async function writeMeters(
  folder: string,
  others: Partial<Record<keyof typeof metersPack, string>> = {},
): Promise<string> {
  const packFolder = join(folder, 'meters')
  for (const [file, text] of Object.entries({ ...metersPack, ...others })) {
    const path = join(packFolder, file)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
  }
  return packFolder
}

export interface SendOptions {
  readonly dataset?: 'ticks' | 'arrivals' | 'meter_days'
  readonly format?: 'csv' | 'ndjson' | 'json'
  readonly encoding?: string
  readonly idempotencyKey?: string
}

/** Append datasets in a Millrace that works; each test has a tenant of its own. */
export interface Meters {
  millrace: TestMillrace
  readonly home: string
  readonly packFolder: string
  tenant(slug: string): Promise<MeterTenant>
  /** Closes and opens again: definitions are read at the start. */
  reopen(): Promise<void>
}

export interface MeterTenant {
  readonly tenant: Tenant
  door(): Promise<Door>
  /** Rows as lines of JSON unless they are a text or bytes already. */
  send(
    rows: string | Uint8Array | readonly object[],
    options?: SendOptions,
  ): Promise<{ acknowledgement: string; received: number; existed: boolean }>
  /** What became of a request, once its rows are in the dataset. */
  settled(acknowledgement: string): Promise<{
    accepted: number | null
    quarantined: number | null
    withheld: number | null
    erased: number | null
    commit: number | null
    receivedAt: string
    visibleAt: string | null
  }>
  partitions(dataset?: string): Promise<readonly ReadPartition[]>
  /** Data versions by partition. */
  versions(dataset?: string): Promise<Readonly<Record<string, string>>>
  /** Rows of all partitions in the order of the SELECT's own words. */
  rows(sql?: string, dataset?: string): Promise<Record<string, unknown>[]>
  /** Rows that were held back. */
  held(dataset?: string): Promise<Record<string, unknown>[]>
}

export async function buildMeters(t: TestContext, options: MillraceOptions = {}): Promise<Meters> {
  const folder = await buildFolder(t, 'millrace-meters')
  const packFolder = await writeMeters(folder)
  const home = join(folder, 'home')
  await mkdir(home, { mode: 0o700 })
  const open = () => openMillraceIn(home, { ...options, packs: [packFolder] })
  const meters: Meters = {
    millrace: await open(),
    home,
    packFolder,
    async tenant(slug) {
      const tenant = await createTenant(meters.millrace.parts.catalog, slug)
      return meterTenant(() => meters.millrace, tenant)
    },
    async reopen() {
      await meters.millrace.close()
      meters.millrace = await open()
    },
  }
  afterwards(t, () => meters.millrace.close())
  return meters
}

export function meterTenant(millrace: () => TestMillrace, tenant: Tenant): MeterTenant {
  const door = () => openLocalDoor(millrace().parts, tenant.slug)
  const own: MeterTenant = {
    tenant,
    door,
    async send(rows, { dataset = 'ticks', format = 'ndjson', encoding, idempotencyKey } = {}) {
      const isBody = typeof rows === 'string' || rows instanceof Uint8Array
      const text = isBody ? rows : rows.map((row) => JSON.stringify(row)).join('\n')
      const body = typeof text === 'string' ? Buffer.from(text) : Uint8Array.from(text)
      const more = { ...(encoding && { encoding }), ...(idempotencyKey && { idempotencyKey }) }
      return (await door()).invoke(appendRows, { dataset, rows: body, format, ...more })
    },
    async settled(acknowledgement) {
      const through = await door()
      for (;;) {
        const found = await through.invoke(showAcknowledgement, { acknowledgement })
        if (found.visible) return found
        await millrace().parts.clock.sleep(20)
      }
    },
    async partitions(dataset = 'ticks') {
      const set = await millrace().parts.catalog.asTenant(tenant, (session) =>
        readSet(session, dataset, null),
      )
      return set.partitions
    },
    async versions(dataset = 'ticks') {
      const rows = await millrace().parts.catalog.asTenant(tenant, (session) =>
        session.query<{ partition: string; version: string }>(
          `SELECT partition, data_version AS version FROM partition_pointer
           WHERE tenant_id = $1 AND dataset = $2 AND version_id IS NOT NULL ORDER BY partition`,
          [tenant.id, dataset],
        ),
      )
      return Object.fromEntries(rows.map(({ partition, version }) => [partition, version]))
    },
    async rows(sql = 'SELECT * FROM published ORDER BY ALL', dataset = 'ticks') {
      const lake = join(millrace().home, 'lake')
      const selects = (await own.partitions(dataset)).flatMap(({ partition, files }) =>
        files.map(
          ({ path }) =>
            `SELECT * FROM read_parquet('${join(lake, path)}') WHERE _partition = '${partition}'`,
        ),
      )
      if (selects.length === 0) return []
      return query(`WITH published AS (${selects.join(' UNION ALL BY NAME ')}) ${sql}`)
    },
    async held(dataset = 'ticks') {
      const lake = join(millrace().home, 'lake')
      const files = (await own.partitions(dataset)).flatMap(({ quarantine }) => quarantine)
      const paths = files.map(({ path }) => `'${join(lake, path)}'`)
      if (paths.length === 0) return []
      return query(`FROM read_parquet([${paths.join(', ')}]) ORDER BY file, line`)
    },
  }
  return own
}

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJson()
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
