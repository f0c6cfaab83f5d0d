import { join } from 'node:path'

import { parseRange } from '#model/partition-key.ts'
import { formatCount, formatDuration } from '#kernel/units.ts'
import { runAlone, type Benchmark } from './benchmark.ts'
import { median } from './measure.ts'
import { conversion, queries } from './peers/events-in-duckdb.ts'
import { millrace, runToEnd } from './process.ts'
import { timeQuery } from './rerun.ts'
import { inEmptyFolder, sampleFiles } from './sample-files.ts'
import { startServer } from './server.ts'

const RATIO_MOST = 3
const MONTHS = parseRange('2019-01..2024-03', 'month')
const ROWS_PER_MONTH = 1_100

/**
 * Some 1,900 day partitions of a few dozen rows each, all of one dataset, computed again against a
 * running server, beside the one query that computes them all from one Parquet file.
 */
export const tinyPartitions: Benchmark = {
  name: 'tiny-partitions',
  title: 'many tiny partitions of one dataset',
  async run({ rounds, say }) {
    const files = await sampleFiles(MONTHS, ROWS_PER_MONTH)
    const days = parseRange(`${MONTHS[0]}..${MONTHS.at(-1)}`, 'day').length
    return inEmptyFolder(async (folder) => {
      const home = join(folder, 'home')
      const months = `${MONTHS[0]}..${MONTHS.at(-1)}`
      const first = await runToEnd(
        millrace(home, 'run', 'events', '--month', months, '--location', files.location),
      )
      say(`${MONTHS.length} files, everything published: ${formatDuration(first.wallMs)}`)

      const parquet = join(folder, 'events.parquet')
      const csv = join(files.folder, '*', '*', 'events.csv')
      await timeQuery(
        folder,
        [`COPY (${conversion(csv)}) TO '${parquet}' (FORMAT parquet)`],
        'SELECT 1',
        1,
      )
      const views = [`CREATE VIEW events AS FROM '${parquet}'`]
      const query = queries['users_by_day']?.('') ?? ''
      const ownMs = median(await timeQuery(folder, views, query, rounds))

      const server = await startServer(home)
      const times: number[] = []
      for (let round = 0; round < rounds; round++) {
        times.push(await server.rerun('users_by_day'))
        say(`round ${round + 1}: Millrace ${formatDuration(times.at(-1) ?? 0)}`)
      }
      await server.stop()
      const ms = median(times)
      const ratio = ms / ownMs
      return [
        {
          work: `rerun of ${formatCount(days)} tiny day partitions, running server`,
          millrace: formatDuration(ms),
          peer: `${formatDuration(ownMs)} DuckDB, one query`,
          ratio: `${ratio.toFixed(2)} x`,
          hold: `<= ${RATIO_MOST} x`,
          held: ratio <= RATIO_MOST,
        },
      ]
    })
  },
}

if (import.meta.main) await runAlone(tinyPartitions)
