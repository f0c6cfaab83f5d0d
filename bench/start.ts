import { join } from 'node:path'

import { formatCount, formatDuration } from '#kernel/units.ts'
import { runAlone, type Benchmark } from './benchmark.ts'
import { mainJobProgram } from './main-job.ts'
import { median } from './measure.ts'
import { startServer } from './server.ts'
import { runToEnd } from './process.ts'
import { inEmptyFolder, sampleFiles } from './sample-files.ts'

const READY_MOST_MS = 3_000

/** From the start of `millrace serve` over an embedded catalog with data until it says that it is ready. */
export const start: Benchmark = {
  name: 'start',
  title: 'serve is ready, embedded, existing data',
  async run({ rounds, rows, say }) {
    const files = await sampleFiles(['2021-04'], rows)
    return inEmptyFolder(async (folder) => {
      const home = join(folder, 'home')
      await runToEnd(mainJobProgram(home, files))
      const times: number[] = []
      for (let round = 0; round < rounds; round++) {
        const server = await startServer(home)
        times.push(server.readyMs)
        await server.stop()
        say(`round ${round + 1}: ready after ${formatDuration(server.readyMs)}`)
      }
      const readyMs = median(times)
      return [
        {
          work: `start of serve, a month of ${formatCount(rows)} rows published`,
          millrace: formatDuration(readyMs),
          peer: '',
          ratio: '',
          hold: `<= ${formatDuration(READY_MOST_MS)}`,
          held: readyMs <= READY_MOST_MS,
        },
      ]
    })
  },
}

if (import.meta.main) await runAlone(start)
