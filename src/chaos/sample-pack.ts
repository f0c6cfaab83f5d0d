import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { Random } from '#kernel/random.ts'

/** Months of the sample source. */
export const MONTHS = ['2021-03', '2021-04', '2021-05']

const files: Readonly<Record<string, string>> = {
  'pack.ts': `import { definePack } from 'millrace'
export default definePack({ name: 'chaos', description: 'Work for millrace chaos.' })
`,
  'sources/readings.ts': `import { defineSource } from 'millrace'
export default defineSource({
  description: 'Readings of sensors, in files that are replaced again and again.',
  format: 'csv',
  partition: 'month',
  columns: {
    taken_at: { type: 'timestamp', role: 'time', optional: false },
    sensor: { type: 'text', role: 'dimension' },
    value: { type: 'integer', role: 'measure' },
  },
  observes: { column: 'taken_at', by: 'day' },
})
`,
  'analyses/readings_by_day.sql': `-- Readings of each sensor by day.
--
-- partition: day
SELECT CAST(taken_at AS DATE) AS day, sensor, count(*) AS readings, CAST(sum(value) AS BIGINT) AS total
FROM readings GROUP BY ALL
`,
  'analyses/readings_by_month.sql': `-- Readings of each sensor by month.
--
-- partition: month
SELECT sensor, CAST(sum(readings) AS BIGINT) AS readings FROM readings_by_day GROUP BY ALL
`,
  'tasks/chaos.echo.ts': `import { defineTask } from 'millrace'
export default defineTask({
  description: 'Takes its time and answers with its number.',
  async run(payload, { attempt }) {
    const { number, ms } = payload as { number: number; ms: number }
    await new Promise((resolve) => setTimeout(resolve, ms))
    return { number, attempt }
  },
})
`,
}

/** Writes the pack; returns its folder. */
export async function writeSamplePack(folder: string): Promise<string> {
  for (const [file, text] of Object.entries(files)) {
    const path = join(folder, 'pack', file)
    await mkdir(join(path, '..'), { recursive: true })
    await writeFile(path, text)
  }
  return join(folder, 'pack')
}

export function locationOf(folder: string): string {
  return join(folder, 'readings', '{yyyy}', '{MM}', 'readings.csv')
}

/** Replaces a month's file by another one, as a whole. */
export async function writeMonth(folder: string, month: string, random: Random): Promise<void> {
  const [year = '', monthOfYear = ''] = month.split('-')
  const path = join(folder, 'readings', year, monthOfYear, 'readings.csv')
  await mkdir(join(path, '..'), { recursive: true })
  const whole = (below: number) => Math.floor(random.next() * below)
  const rows = Array.from({ length: 60 }, () => {
    const day = String(1 + whole(6)).padStart(2, '0')
    const hour = String(whole(24)).padStart(2, '0')
    return `${month}-${day}T${hour}:00:00Z,sensor-${whole(5)},${whole(1_000)}`
  })
  await writeFile(`${path}.new`, `taken_at,sensor,value\n${rows.join('\n')}\n`)
  await rename(`${path}.new`, path)
}
