import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

import { formatBytes, formatCount, formatDuration } from '#kernel/units.ts'
import { runAlone, type Benchmark } from './benchmark.ts'
import { skipped, type Figure } from './figure.ts'
import { interleaved } from './measure.ts'
import { canMeasureMemory } from './process-memory.ts'
import { millrace, runToEnd, type Program } from './process.ts'
import { inEmptyFolder, sampleFiles, type SampleFiles } from './sample-files.ts'

const MONTH = '2021-04'
const RATIO_MOST = 2
const MEMORY_MOST_BYTES = 1.5 * 2 ** 30

/**
 * One month's file to all published event analyses, in a home that does not exist yet: the whole
 * process, from its start to its end, beside plain DuckDB in one Node process.
 */
export const mainJob: Benchmark = {
  name: 'main-job',
  title: 'a month of events in, all analyses out, from an empty home',
  async run({ rounds, rows, large, say }) {
    const files = await sampleFiles([MONTH], rows)
    const size = (of: SampleFiles, count: number) =>
      `${formatBytes(of.bytes)}, ${formatCount(count)} rows`
    const pair = await interleaved(
      rounds,
      async (round) => {
        const { wallMs } = await runMillrace(files, false)
        say(`round ${round + 1}: Millrace ${formatDuration(wallMs)}`)
        return wallMs
      },
      async (round) => {
        const { wallMs } = await runPeer(files, false)
        say(`round ${round + 1}: DuckDB ${formatDuration(wallMs)}`)
        return wallMs
      },
    )
    const ratio = pair.millraceMs / pair.peerMs
    const figures: Figure[] = [
      {
        work: `main job, ${size(files, rows)}`,
        millrace: formatDuration(pair.millraceMs),
        peer: `${formatDuration(pair.peerMs)} DuckDB`,
        ratio: `${ratio.toFixed(2)} x`,
        hold: `<= ${RATIO_MOST} x`,
        held: ratio <= RATIO_MOST,
      },
    ]
    const hold = '<= 1.5 GiB'
    if (!canMeasureMemory) {
      return [...figures, skipped('memory of the main job', 'no /proc/*/smaps_rollup here', hold)]
    }
    const small = await memoryFigure(`memory, ${size(files, rows)}`, files, hold)
    figures.push(small.figure)
    if (large) {
      const tenfold = await sampleFiles([MONTH], rows * 10)
      const big = await memoryFigure(`memory, ${size(tenfold, rows * 10)}`, tenfold, hold)
      const growth = big.bytes / small.bytes
      figures.push(big.figure, {
        work: 'memory for a file ten times larger',
        millrace: formatBytes(big.bytes),
        peer: `${formatBytes(small.bytes)} Millrace, ${formatCount(rows)} rows`,
        ratio: `${growth.toFixed(2)} x`,
        hold: '<= 1.1 x',
        held: growth <= 1.1,
      })
    }
    return figures
  },
}

async function memoryFigure(
  work: string,
  files: SampleFiles,
  hold: string,
): Promise<{ figure: Figure; bytes: number }> {
  const ours = await runMillrace(files, true)
  const theirs = await runPeer(files, true)
  const [bytes, peerBytes] = [ours.peakMemoryBytes ?? 0, theirs.peakMemoryBytes ?? 0]
  const figure: Figure = {
    work: `${work} (PSS of all processes)`,
    millrace: formatBytes(bytes),
    peer: `${formatBytes(peerBytes)} DuckDB`,
    ratio: `${(bytes / peerBytes).toFixed(2)} x`,
    hold,
    held: bytes <= MEMORY_MOST_BYTES,
  }
  return { figure, bytes }
}

function runMillrace(files: SampleFiles, memory: boolean) {
  return inEmptyFolder((folder) =>
    runToEnd(mainJobProgram(join(folder, 'home'), files), { memory }),
  )
}

/** `millrace run events --month 2021-04 --location …` */
export function mainJobProgram(home: string, files: SampleFiles): Program {
  return millrace(home, 'run', 'events', '--month', MONTH, '--location', files.location)
}

function runPeer(files: SampleFiles, memory: boolean) {
  return inEmptyFolder(async (folder) => {
    const out = join(folder, 'out')
    await mkdir(out)
    return runToEnd(peerProgram(files, out), { memory })
  })
}

function peerProgram(files: SampleFiles, out: string): Program {
  const args = [files.pathOf(MONTH), 'packs/events', out, MONTH]
  return { path: 'bench/peers/events-in-duckdb.ts', args }
}

if (import.meta.main) await runAlone(mainJob)
