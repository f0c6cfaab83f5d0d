import { cpus, loadavg, totalmem } from 'node:os'
import { parseArgs } from 'node:util'

import { formatBytes } from '#kernel/units.ts'

import type { Figure } from './figure.ts'
import { printTable } from './table.ts'

export interface BenchmarkOptions {
  /** Interleaved pairs; medians are printed. */
  readonly rounds: number
  /** Rows of the main job's month. */
  readonly rows: number
  /** Also the file that is ten times larger. */
  readonly large: boolean
  /** Prints what is going on, apart from the table. */
  readonly say: (line: string) => void
}

export interface Benchmark {
  /** As `--only` names it. */
  readonly name: string
  readonly title: string
  run(options: BenchmarkOptions): Promise<Figure[]>
}

/** Options of the command line; throws where one is not known. */
export function readOptions(args: readonly string[]): BenchmarkOptions & { only: string[] } {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string', default: '3' },
      rows: { type: 'string', default: '1150000' },
      large: { type: 'boolean', default: false },
    },
  })
  return {
    only: values.only.flatMap((names) => names.split(',')),
    rounds: atLeast('rounds', values.rounds, 1),
    rows: atLeast('rows', values.rows, 100),
    large: values.large,
    say: (line) => process.stderr.write(`  ${line}\n`),
  }
}

function atLeast(option: string, text: string, least: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= least) return value
  throw new Error(`--${option} ${text}: write a whole number from ${least}`)
}

/** A benchmark's file as a program: `node bench/plan.ts --rounds 5`. */
export async function runAlone(benchmark: Benchmark): Promise<void> {
  await runAll([benchmark], readOptions(process.argv.slice(2)))
}

/** Runs them one after the other and prints each one's figures as soon as they are there. */
export async function runAll(
  benchmarks: readonly Benchmark[],
  options: BenchmarkOptions,
): Promise<void> {
  console.log(machine())
  for (const benchmark of benchmarks) {
    process.stderr.write(`${benchmark.name}: ${benchmark.title}\n`)
    try {
      printTable(await benchmark.run(options))
    } catch (error) {
      // One that cannot run must not hide the others; the exit code tells.
      process.exitCode = 1
      console.error(`${benchmark.name} could not be measured:`, error)
    }
  }
}

/** Where and under which load the figures came about: a busy machine makes busy figures. */
function machine(): string {
  const load = (loadavg()[0] ?? 0).toFixed(1)
  const [cpu] = cpus()
  return `Node ${process.versions.node}, ${cpus().length} x ${cpu?.model ?? 'unknown'}, ${formatBytes(totalmem())} of memory, load ${load}`
}
