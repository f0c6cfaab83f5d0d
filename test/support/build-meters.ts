import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'

import type { Door } from '#cli/door/door.ts'
import { openLocalDoor } from '#cli/door/local-door.ts'
import { buildFolder, openMillrace, type MillraceOptions, type TestMillrace } from './open-parts.ts'

const pack = {
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
      description: 'Whatever arrives, by the month of its arrival.',
      append: { settle: '1h' },
      partition: 'month',
      columns: { at: { type: 'timestamp', optional: false }, note: { type: 'text' } },
      observes: { column: 'at', by: 'day' },
    })`,
  'analyses/meter_days.sql': `-- Sum of each meter, day by day.
-- partition: day
-- order: meter
SELECT meter, CAST(sum(value) AS BIGINT) AS total FROM ticks GROUP BY meter
`,
} as const

/** Append datasets of one tenant in a Millrace that works, unless told otherwise. */
export interface Meters {
  readonly millrace: TestMillrace
  readonly door: Door
  readonly packFolder: string
}

export async function buildMeters(t: TestContext, options: MillraceOptions = {}): Promise<Meters> {
  const folder = await buildFolder(t, 'millrace-meters')
  const packFolder = join(folder, 'meters')
  for (const [file, text] of Object.entries(pack)) {
    const path = join(packFolder, file)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
  }
  const millrace = await openMillrace(t, { ...options, packs: [packFolder] })
  return { millrace, door: await openLocalDoor(millrace.parts, millrace.tenant.slug), packFolder }
}
