import { join } from 'node:path'

import { defineSamples } from 'millrace'

import { writeTwin } from './twin.ts'

const LAST_MONTH = '2021-09'

/** The months that the public example of this pack has, most of them oldest first. */
export default defineSamples({
  description: 'monthly event files of the real form, with every oddity of the real ones',
  async write(folder, { months, rows, seed }) {
    const manifest = await writeTwin(folder, {
      seed,
      months: monthsUpTo(LAST_MONTH, months),
      rowsPerMonth: Math.max(100, Math.round(rows / months)),
    })
    return {
      locations: { events: join(folder, '{yyyy}', '{MM}', 'events.csv') },
      files: manifest.months.map(({ path, received, bytes }) => ({ path, rows: received, bytes })),
    }
  },
})

function monthsUpTo(last: string, count: number): string[] {
  const [year = 0, month = 0] = last.split('-').map(Number)
  return Array.from({ length: count }, (_, index) => {
    const first = new Date(Date.UTC(year, month - 1 - (count - 1 - index), 1))
    return first.toISOString().slice(0, 7)
  })
}
