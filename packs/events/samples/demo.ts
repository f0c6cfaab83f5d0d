import { join } from 'node:path'

import { defineSamples } from 'millrace'

import { writeTwin } from './twin.ts'

const LAST_MONTH = '2021-09'

/** The months that the public example of this pack has, most of them oldest first. */
export default defineSamples({
  description: 'monthly event files of the real form, with every oddity of the real ones',
  async write(folder, { months, rows, seed }) {
    const files: { path: string; rows: number; bytes: number }[] = []
    const sizes = growing(months, rows)
    for (const [index, month] of monthsUpTo(LAST_MONTH, months).entries()) {
      const twin = { seed, months: [month], rowsPerMonth: Math.max(100, sizes[index] ?? 0) }
      for (const { path, received, bytes } of (await writeTwin(folder, twin)).months) {
        files.push({ path, rows: received, bytes })
      }
    }
    return { locations: { events: join(folder, '{yyyy}', '{MM}', 'events.csv') }, files }
  },
})

/** Rows of each month, together about `rows`: busier from month to month, with ups and downs. */
function growing(months: number, rows: number): number[] {
  const weights = Array.from({ length: months }, (_, index) => {
    return 1 + index / 10 + 0.15 * Math.sin(2.5 * index)
  })
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return weights.map((weight) => Math.round((rows * weight) / total))
}

function monthsUpTo(last: string, count: number): string[] {
  const [year = 0, month = 0] = last.split('-').map(Number)
  return Array.from({ length: count }, (_, index) => {
    const first = new Date(Date.UTC(year, month - 1 - (count - 1 - index), 1))
    return first.toISOString().slice(0, 7)
  })
}
