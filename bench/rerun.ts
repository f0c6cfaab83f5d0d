import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { formatCount, formatDuration } from '#kernel/units.ts'
import { runAlone, type Benchmark } from './benchmark.ts'
import type { Figure } from './figure.ts'
import { mainJobProgram } from './main-job.ts'
import { median } from './measure.ts'
import { queries } from './peers/events-in-duckdb.ts'
import { millrace, runToEnd } from './process.ts'
import { inEmptyFolder, sampleFiles, type SampleFiles } from './sample-files.ts'
import { startServer } from './server.ts'

const MONTH = '2021-04'
const WARM_MOST_MS = 300
const COLD_MOST_MS = 1_200

/** Which part of the peer's work makes the table that the query reads, and the query. */
const reruns = {
  top_companies: { reads: 'companies_by_month', partition: MONTH },
  top_users: { reads: 'users_by_day', partition: MONTH },
  users_by_day: { reads: 'events', partition: `${MONTH}-01..${MONTH}-30` },
} as const

/** One analysis of a month again, input unchanged, beside DuckDB's own time for its query. */
export const rerun: Benchmark = {
  name: 'rerun',
  title: 'one analysis of a month again',
  async run({ rounds, rows, say }) {
    const files = await sampleFiles([MONTH], rows)
    return inEmptyFolder(async (folder) => {
      const home = join(folder, 'home')
      await runToEnd(mainJobProgram(home, files))
      const tables = await peerTables(folder, files)
      const figures: Figure[] = []
      for (const [dataset, { reads, partition }] of Object.entries(reruns)) {
        const views = [`CREATE VIEW ${reads} AS FROM '${join(tables, `${reads}.parquet`)}'`]
        const query = queries[dataset]?.(MONTH) ?? ''
        const ownMs = median(await timeQuery(folder, views, query, rounds))
        say(`${dataset}: DuckDB ${formatDuration(ownMs)}`)

        const server = await startServer(home)
        await server.rerun(dataset, partition)
        const warm: number[] = []
        for (let round = 0; round < rounds; round++)
          warm.push(await server.rerun(dataset, partition))
        await server.stop()
        say(`${dataset}: against a running server ${formatDuration(median(warm))}`)

        const cold: number[] = []
        for (let round = 0; round < rounds; round++) {
          const program = millrace(home, 'rerun', dataset, '--partition', partition)
          cold.push((await runToEnd(program)).wallMs)
        }
        say(`${dataset}: cold ${formatDuration(median(cold))}`)
        const work = `rerun of ${dataset}, month of ${formatCount(rows)} rows`
        figures.push(figureOf(`${work}, running server`, median(warm), ownMs, WARM_MOST_MS))
        figures.push(figureOf(`${work}, cold`, median(cold), ownMs, COLD_MOST_MS))
      }
      return figures
    })
  },
}

function figureOf(work: string, ms: number, ownMs: number, mostMs: number): Figure {
  return {
    work,
    millrace: formatDuration(ms),
    peer: `${formatDuration(ownMs)} DuckDB's own time`,
    ratio: `+ ${formatDuration(ms - ownMs)}`,
    hold: `<= + ${formatDuration(mostMs)}`,
    held: ms - ownMs <= mostMs,
  }
}

/** The peer's main job, whose result tables the queries read. */
async function peerTables(folder: string, files: SampleFiles): Promise<string> {
  const out = join(folder, 'peer')
  await mkdir(out)
  const args = [files.pathOf(MONTH), 'packs/events', out, MONTH]
  await runToEnd({ path: 'bench/peers/events-in-duckdb.ts', args })
  return out
}

const timedQuery = fileURLToPath(import.meta.resolve('./peers/timed-query.ts'))

/** Milliseconds of each round, single-threaded as analyses are. */
export async function timeQuery(
  folder: string,
  views: readonly string[],
  query: string,
  rounds: number,
): Promise<number[]> {
  const result = join(folder, 'timed.parquet')
  const args = ['1', String(rounds), JSON.stringify(views), query, result]
  const { stdout } = await runToEnd({ path: timedQuery, args })
  return stdout.trim().split('\n').map(Number)
}

if (import.meta.main) await runAlone(rerun)
