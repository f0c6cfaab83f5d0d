import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { writeTwin } from '../packs/events/samples/twin.ts'

const SEED = 20210401
const build = join(import.meta.dirname, '..', 'build', 'bench')

export interface SampleFiles {
  readonly folder: string
  /** As `--location` takes it. */
  readonly location: string
  readonly bytes: number
  pathOf(month: string): string
}

/** Files of the twin, made once for each size and kept under `build/bench`. */
export async function sampleFiles(
  months: readonly string[],
  rowsPerMonth: number,
): Promise<SampleFiles> {
  const span = months.length > 1 ? `${months[0]}-${months.at(-1)}` : months[0]
  const folder = join(build, `events-${span}-${rowsPerMonth}-seed-${SEED}`)
  if (!existsSync(join(folder, 'bytes'))) {
    const unfinished = `${folder}.${process.pid}`
    const manifest = await writeTwin(unfinished, { seed: SEED, months, rowsPerMonth })
    const bytes = manifest.months.reduce((sum, month) => sum + month.bytes, 0)
    await writeFile(join(unfinished, 'bytes'), String(bytes))
    await rm(folder, { recursive: true, force: true })
    await rename(unfinished, folder)
  }
  return {
    folder,
    location: join(folder, '{yyyy}', '{MM}', 'events.csv'),
    bytes: Number(await readFile(join(folder, 'bytes'), 'utf8')),
    pathOf: (month) => join(folder, month.slice(0, 4), month.slice(5, 7), 'events.csv'),
  }
}

/** Runs `work` in an empty folder that is gone afterwards. */
export async function inEmptyFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
