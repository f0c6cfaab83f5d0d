import { mkdir, rm, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'

import { setSourceOptions } from '#catalog/options.ts'
import { createTenant } from '#catalog/tenants.ts'
import { openLocalDoor } from '#cli/door/local-door.ts'
import type { Door } from '#cli/door/door.ts'
import type { Tenant } from '#model/tenant.ts'
import { afterwards } from './afterwards.ts'
import { buildFolder, openMillraceIn, waitForEnd, type TestMillrace } from './open-parts.ts'

const pack = {
  'pack.ts': `
    import { definePack } from 'millrace'
    export default definePack({ name: 'readings', description: 'Meters.' })`,
  'sources/readings.ts': `
    import { defineSource } from 'millrace'
    export default defineSource({
      description: 'Readings of meters, one file a month.',
      format: 'csv',
      partition: 'month',
      columns: {
        at: { type: 'timestamp', role: 'time', optional: false },
        meter: { type: 'text' },
        value: { type: 'integer', optional: false },
      },
      observes: { column: 'at', by: 'day' },
    })`,
  'analyses/meter_days.sql': `-- Sum of each meter, day by day.
-- partition: day
-- order: meter
SELECT meter, CAST(sum(value) AS BIGINT) AS total FROM readings GROUP BY meter
`,
  'analyses/meter_months.sql': `-- Sum of each meter, month by month.
-- partition: month
-- order: meter
SELECT meter, CAST(sum(total) AS BIGINT) AS total FROM meter_days GROUP BY meter
`,
} as const

/** A small pack of readings by month, in a Millrace that works, with files for its tenants. */
export interface Readings {
  readonly millrace: TestMillrace
  readonly tenants: readonly Tenant[]
  door(tenant: Tenant): Promise<Door>
  /** Replaces the file of a tenant's month; unless told otherwise it seems to be an hour old. */
  put(tenant: Tenant, month: string, lines: readonly string[], atMs?: number): Promise<void>
  remove(tenant: Tenant, month: string): Promise<void>
  edit(file: keyof typeof pack, text: (former: string) => string): Promise<void>
  /** Closes and opens again: definitions are read at the start. */
  reopen(): Promise<void>
  ended(tenant: Tenant, runId: string): Promise<string>
}

export async function buildReadings(
  t: TestContext,
  slugs: readonly string[] = ['acme'],
  options: {
    readonly databaseUrl?: string | undefined
    /** Files of the pack in place of its own, or beside them. */
    readonly files?: Readonly<Record<string, string>>
  } = {},
): Promise<Readings> {
  const folder = await buildFolder(t, 'millrace-readings')
  const packFolder = join(folder, 'readings')
  const { files, ...place } = options
  const texts: Record<string, string> = { ...pack, ...files }
  const write = async (path: string, text: string) => {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
  }
  for (const [file, text] of Object.entries(texts)) await write(join(packFolder, file), text)
  await mkdir(join(folder, 'home'), { mode: 0o700 })
  const open = async () => {
    const opened = await openMillraceIn(join(folder, 'home'), { packs: [packFolder], ...place })
    opened.parts.startWorking(['worker', 'scheduler'])
    return opened
  }
  let millrace = await open()
  afterwards(t, () => millrace.close())
  const tenants: Tenant[] = []
  for (const slug of slugs) tenants.push(await createTenant(millrace.parts.catalog, slug))
  for (const tenant of tenants) {
    const location = join(folder, 'data', tenant.slug, '{yyyy}-{MM}.csv')
    await millrace.parts.catalog.asTenant(tenant, (session) =>
      setSourceOptions(session, 'readings', { location }),
    )
  }
  let modifiedMs = performance.timeOrigin - 3_600_000
  const fileOf = (tenant: Tenant, month: string) =>
    join(folder, 'data', tenant.slug, `${month}.csv`)
  return {
    get millrace() {
      return millrace
    },
    tenants,
    door: (tenant) => openLocalDoor(millrace.parts, tenant.slug),
    async put(tenant, month, lines, atMs = (modifiedMs += 1000)) {
      await write(fileOf(tenant, month), `at,meter,value\n${lines.join('\n')}\n`)
      await utimes(fileOf(tenant, month), atMs / 1000, atMs / 1000)
    },
    remove: (tenant, month) => rm(fileOf(tenant, month)),
    async edit(file, text) {
      texts[file] = text(texts[file] ?? '')
      await write(join(packFolder, file), texts[file])
    },
    async reopen() {
      await millrace.close()
      millrace = await open()
    },
    async ended(tenant, runId) {
      return (await waitForEnd(millrace.parts, tenant, runId)).run.state
    },
  }
}

/** Asks until the answer is as wanted; fails after a minute, or `mostMs`, with the last answer. */
export async function until<Answer>(
  ask: () => Promise<Answer>,
  isWanted: (answer: Answer) => boolean,
  mostMs = 60_000,
): Promise<Answer> {
  const deadline = performance.now() + mostMs
  for (;;) {
    const answer = await ask()
    if (isWanted(answer)) return answer
    if (performance.now() > deadline) {
      throw new Error(`not after ${mostMs} ms: ${JSON.stringify(answer, null, 2)}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
