import { cpSync, mkdirSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'

import { seededRandom, type Random } from '#kernel/random.ts'
import { writeTwin } from '../../packs/events/samples/twin.ts'
import type { ServedVersion } from '../support/check-store.ts'
import { faultPoints, type FaultPoint } from './fault-points.ts'
import { startLife, type Life, type LifeEnd } from './life.ts'

export interface CampaignOptions {
  /** Kills. */
  readonly times: number
  readonly seed: number
  /** Empty folder for inputs and homes. */
  readonly folder: string
  readonly months?: readonly string[]
  readonly rowsPerMonth?: number
  readonly report?: (line: string) => void
}

export interface CampaignResult {
  readonly kills: number
  readonly killsByKind: Readonly<Record<string, number>>
  /** By what the process had last done. */
  readonly killsByPhase: Readonly<Record<string, number>>
  /** Runs that came to their end, and those of them that went on where a killed one had stopped. */
  readonly completed: number
  readonly resumed: number
  /** Versions that were acknowledged and are gone. */
  readonly lost: number
  /** Served partitions whose rows are not those of a whole run. */
  readonly halfVisible: number
  /** Runs that were killed so often that they gave up; others finished their work. */
  readonly gaveUp: number
  readonly faults: readonly string[]
}

/** The tree of processes, the parent alone, an engine child, or itself at a named point. */
type Kind = 'tree' | 'parent' | 'engine' | 'point'

/** Homes are begun anew after so many whole runs, so that first starts are killed as well. */
const RUNS_PER_HOME = 3
/** Of the kills at a random moment; the others come while the run goes on. */
const OPENING_SHARE = 0.15
const variants = ['a', 'b'] as const
type Variant = (typeof variants)[number]

interface Reference {
  /** Identity of a version → its content. */
  readonly contents: ReadonlyMap<string, string>
  /** What is served after a whole run over each variant of the files. */
  readonly whole: Readonly<Record<Variant, ReadonlySet<string>>>
  readonly openMs: number
  readonly runMs: number
  readonly points: ReadonlyMap<FaultPoint, number>
}

/**
 * Kills a Millrace again and again: the whole tree of processes, the parent only, an engine child
 * only, or itself at a named point. After each kill the home is opened again and looked at, and the
 * same command goes on; after each whole run every served row must be that of a run that nobody
 * disturbed. Then the files are replaced by others, so that served versions get replaced, too.
 */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const { folder, times, seed, report = () => {} } = options
  const months = options.months ?? ['2021-03', '2021-04']
  const random = seededRandom(seed)
  const tally = newTally()
  let home = 0
  let inHome = 0
  let variant: Variant = 'a'
  let stamp = 0
  for (const [index, variant] of variants.entries()) {
    const rowsPerMonth = options.rowsPerMonth ?? 600
    await writeTwin(join(folder, variant), { seed: seed + index, months, rowsPerMonth })
  }
  const location = join(folder, 'events', '{yyyy}', '{MM}', 'events.csv')
  const start = (home: string, dieAt: Life['orders']['dieAt']) =>
    startLife({ home: join(folder, home), location, months, dieAt, planted: null })

  const reference = await makeReference()
  let { openMs, runMs } = reference
  report(
    `a run of nobody's disturbing takes ${Math.round(runMs)} ms, opening ${Math.round(openMs)} ms`,
  )

  putFiles(variant)
  while (tally.kills < times && tally.faults.length === 0) {
    const kind = pickKind(random)
    const point = kind === 'point' ? pickPoint(random, reference.points) : null
    const life = start(`home-${home}`, point)
    const from = kind !== 'engine' && random.next() < OPENING_SHARE ? 'start' : 'run'
    const afterMs = random.next() * (from === 'start' ? openMs : runMs)
    const end = await life.end(kind === 'point' ? null : { kind, from, afterMs })
    judge(end, kind)
    // The machine has other work, too: what a whole life takes is learnt again and again.
    if (end.servedAtStart) openMs = (openMs + end.openMs) / 2
    if (end.ended?.state === 'done') runMs = (runMs + end.runMs) / 2
    if (end.ended) {
      inHome++
      if (inHome % RUNS_PER_HOME === 0) {
        tally.gaveUp += end.formerFailed
        rmSync(join(folder, `home-${home}`), { recursive: true, force: true })
        home++
        variant = 'a'
      } else variant = variant === 'a' ? 'b' : 'a'
      putFiles(variant)
    }
    if (end.killed) report(`${tally.kills} of ${times}: ${kind} ${end.phase}`)
  }
  // The last kill's home must heal as well.
  if (tally.faults.length === 0) judge(await start(`home-${home}`, null).end(null), 'none')
  return tally

  function putFiles(which: Variant): void {
    cpSync(join(folder, which), join(folder, 'events'), { recursive: true })
    // Never the time of a former version, however fast this goes.
    const time = 1_600_000_000 + ++stamp
    for (const month of months) {
      const [year = '', monthOfYear = ''] = month.split('-')
      utimesSync(join(folder, 'events', year, monthOfYear, 'events.csv'), time, time)
    }
  }

  async function makeReference(): Promise<Reference> {
    const contents = new Map<string, string>()
    const whole = { a: new Set<string>(), b: new Set<string>() }
    mkdirSync(join(folder, 'events'), { recursive: true })
    let first: LifeEnd | null = null
    for (const each of variants) {
      putFiles(each)
      const end = await start('reference', null).end(null)
      const faults = [...end.faults, ...(end.ended?.problems ?? ['it never ended'])]
      if (end.ended?.state !== 'done' || faults.length > 0)
        throw new Error(`the undisturbed run: ${faults.join('; ')}\n${end.stderr}`)
      for (const version of end.servedAtEnd ?? []) {
        contents.set(identity(version), version.content)
        whole[each].add(identity(version))
      }
      first ??= end
    }
    rmSync(join(folder, 'reference'), { recursive: true, force: true })
    return {
      contents,
      whole,
      openMs: first?.openMs ?? 0,
      runMs: first?.runMs ?? 0,
      points: first?.points ?? new Map(),
    }
  }

  function judge(end: LifeEnd, kind: string): void {
    if (end.killed) {
      tally.kills++
      count(tally.killsByKind, kind)
      count(tally.killsByPhase, end.phase)
    }
    tally.faults.push(...end.faults)
    tally.lost += end.lost
    for (const served of [end.servedAtStart, end.servedAtEnd]) {
      for (const version of served ?? []) {
        if (reference.contents.get(identity(version)) === version.content) continue
        tally.halfVisible++
        tally.faults.push(
          `${version.dataset} ${version.partition} is not what an undisturbed run serves`,
        )
      }
    }
    if (end.killed && kind !== 'engine') return
    if (!end.ended) {
      tally.faults.push(`a life ended by itself, before its run did: ${end.stderr.slice(-2_000)}`)
      return
    }
    if (!['done', 'nothing to do'].includes(end.ended.state))
      tally.faults.push(`a run ended ${end.ended.state}: ${end.ended.problems.join('; ')}`)
    const expected = reference.whole[variant]
    const served = new Set(end.servedAtEnd?.map(identity))
    const different = [...expected.symmetricDifference(served)]
    if (different.length > 0)
      tally.faults.push(`a whole run serves other versions: ${different.slice(0, 5).join('; ')}`)
    tally.completed++
    const before = new Set(end.servedAtStart?.map(identity))
    if (before.intersection(expected).size > 0) tally.resumed++
  }
}

/** A source is known by its data, for its fingerprint names the file's time; the rest by code and inputs. */
function identity(version: ServedVersion): string {
  const { dataVersion, fingerprint, isSource } = version
  const of = isSource ? dataVersion : `${fingerprint} ${dataVersion}`
  return `${version.dataset} ${version.partition} ${of}`
}

function pickKind(random: Random): Kind {
  const chance = random.next()
  if (chance < 0.4) return 'tree'
  if (chance < 0.55) return 'parent'
  return chance < 0.65 ? 'engine' : 'point'
}

function pickPoint(
  random: Random,
  seen: ReadonlyMap<FaultPoint, number>,
): { point: FaultPoint; nth: number } {
  const reached = faultPoints.filter((point) => (seen.get(point) ?? 0) > 0)
  const point = reached[Math.floor(random.next() * reached.length)] ?? 'adopt.after'
  // Skewed to the beginning, for a resumed run has less left to do.
  const nth = 1 + Math.floor(random.next() ** 2 * (seen.get(point) ?? 1))
  return { point, nth }
}

function newTally() {
  return {
    kills: 0,
    killsByKind: {} as Record<string, number>,
    killsByPhase: {} as Record<string, number>,
    completed: 0,
    resumed: 0,
    lost: 0,
    halfVisible: 0,
    gaveUp: 0,
    faults: [] as string[],
  }
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1
}
