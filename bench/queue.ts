import { formatCount, formatDuration } from '#kernel/units.ts'
import {
  findPostgres,
  startPostgres,
  type PostgresServer,
} from '../test/support/postgres-server.ts'
import type { Benchmark, BenchmarkOptions } from './benchmark.ts'
import { skipped, type Figure } from './figure.ts'
import { median } from './measure.ts'
import { millraceQueue, openPeers, type MeasuredQueue, type MissingQueue } from './queue-peers.ts'
import type { QueueFigures, QueueScenario, ScenarioSize } from './queue-scenario.ts'

/** What one scenario comes to, smaller is better, and how it is written. */
interface Comparison {
  readonly name: string
  readonly title: string
  readonly scenario: QueueScenario
  readonly size: ScenarioSize
  readonly work: string
  readonly of: (figures: QueueFigures) => number
  readonly write: (value: number) => string
  /** By peer: how many times as fast Millrace has to be. */
  readonly holds?: Readonly<Record<string, number>>
  /** Milliseconds that Millrace itself may take. */
  readonly mostMs?: number
}

const SLOTS = 2
const JOBS = 20_000

function perSecond(ms: number): string {
  return `${formatDuration(ms)} (${formatCount(Math.round((JOBS * 1_000) / ms))}/s)`
}

function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0
}

const millis = (ms: number) => `${ms.toFixed(1)} ms`
const comparisons: readonly Comparison[] = [
  {
    name: 'queue-drain',
    title: 'tasks that do nothing',
    scenario: 'drain',
    size: { jobs: JOBS, slots: SLOTS },
    work: `drain of ${formatCount(JOBS)} tasks that do nothing`,
    of: ({ wallMs }) => wallMs,
    write: perSecond,
    holds: { 'pg-boss': 1, Celery: 5 },
  },
  {
    name: 'queue-latency',
    title: 'one task at a time',
    scenario: 'latency',
    size: { jobs: 100, slots: SLOTS },
    work: 'from the request to the start of a task, free slot, p50',
    of: ({ waitsMs }) => quantile(waitsMs ?? [], 0.5),
    write: millis,
    mostMs: 20,
  },
  {
    name: 'queue-latency',
    title: 'one task at a time',
    scenario: 'latency',
    size: { jobs: 100, slots: SLOTS },
    work: 'the same, p95',
    of: ({ waitsMs }) => quantile(waitsMs ?? [], 0.95),
    write: millis,
  },
  {
    name: 'queue-chain',
    title: 'a chain',
    scenario: 'chain',
    size: { jobs: 40, slots: SLOTS },
    work: 'chain of 40, each after the one before',
    of: ({ wallMs }) => wallMs,
    write: formatDuration,
  },
  {
    name: 'queue-fan-in',
    title: 'many, then one',
    scenario: 'fanIn',
    size: { jobs: 1_000, slots: SLOTS },
    work: 'fan-out to 1,000 and one that waits for all',
    of: ({ wallMs }) => wallMs,
    write: formatDuration,
  },
  {
    name: 'queue-slots',
    title: 'work of a known length',
    scenario: 'slots',
    size: { jobs: 8, slots: SLOTS, jobMs: 500 },
    work: '8 tasks of 0.5 s on 2 slots (2.0 s at best)',
    of: ({ wallMs }) => wallMs,
    write: formatDuration,
  },
]

/** One benchmark for each name; those of a name share what was measured. */
const comparing: readonly Benchmark[] = [...Map.groupBy(comparisons, ({ name }) => name)].map(
  ([name, own]): Benchmark => ({
    name,
    title: `${own[0]?.title}, beside other queues`,
    run: (options) => withServer(`${own[0]?.work}`, '', (server) => compare(server, own, options)),
  }),
)

export const queue: readonly Benchmark[] = [
  ...comparing,
  {
    name: 'queue-tenants',
    title: 'a noisy tenant beside small ones',
    run: (options) => withServer('noisy tenant', '<= 2 x', (server) => shares(server, options)),
  },
]

async function withServer(
  work: string,
  hold: string,
  measure: (server: PostgresServer) => Promise<Figure[]>,
): Promise<Figure[]> {
  const bin = findPostgres()
  if (bin === null) return [skipped(work, 'PostgreSQL is not installed', hold)]
  const server = await startPostgres(bin)
  try {
    return await measure(server)
  } finally {
    await server.stop('orderly')
  }
}

async function compare(
  server: PostgresServer,
  own: readonly Comparison[],
  { rounds, say }: BenchmarkOptions,
): Promise<Figure[]> {
  const [first] = own as readonly [Comparison]
  const { peers, close } = await openPeers(server, say)
  const queues = [millraceQueue(server), ...peers.filter((peer) => 'measure' in peer)]
  const measured = new Map<string, QueueFigures[]>()
  const broken = new Map<string, string>()
  try {
    // They take turns, so that a machine that gets busier meets all of them.
    for (let round = 0; round < rounds; round++) {
      for (const each of round % 2 === 0 ? queues : queues.toReversed()) {
        await measureOne(each, first, measured, broken, say)
      }
    }
  } finally {
    close()
  }
  return own.flatMap((comparison) => figuresOf(comparison, peers, measured, broken))
}

async function measureOne(
  own: MeasuredQueue,
  { scenario, size, of, write }: Comparison,
  measured: Map<string, QueueFigures[]>,
  broken: Map<string, string>,
  say: (line: string) => void,
): Promise<void> {
  try {
    const figures = await own.measure(scenario, size)
    say(`${own.name} ${scenario}: ${write(of(figures))}`)
    measured.set(own.name, [...(measured.get(own.name) ?? []), figures])
  } catch (error) {
    if (own.name === 'Millrace') throw error
    broken.set(own.name, error instanceof Error ? error.message.slice(0, 200) : String(error))
  }
}

function figuresOf(
  comparison: Comparison,
  peers: readonly (MeasuredQueue | MissingQueue)[],
  measured: ReadonlyMap<string, readonly QueueFigures[]>,
  broken: ReadonlyMap<string, string>,
): Figure[] {
  const { work, of, write, holds = {}, mostMs } = comparison
  const value = (name: string) => median((measured.get(name) ?? []).map(of))
  const ours = value('Millrace')
  const alone: Figure[] =
    mostMs === undefined
      ? []
      : [
          {
            work,
            millrace: write(ours),
            peer: '',
            ratio: '',
            hold: `<= ${mostMs} ms`,
            held: ours <= mostMs,
          },
        ]
  return [
    ...alone,
    ...peers.map((peer): Figure => {
      const least = holds[peer.name]
      const hold = least === undefined ? '' : `>= ${least.toFixed(1)} x as fast`
      const missing = 'missing' in peer ? peer.missing : broken.get(peer.name)
      if (missing !== undefined) return skipped(work, `${peer.name}: ${missing}`, hold)
      const theirs = value(peer.name)
      const ratio = theirs / ours
      return {
        work,
        millrace: write(ours),
        peer: `${write(theirs)} ${peer.name}`,
        ratio: `${ratio.toFixed(2)} x as fast`,
        hold,
        held: least === undefined ? null : ratio >= least,
      }
    }),
  ]
}

const NOISY = 50_000
const TENANT_SLOTS = 4
const TASK_MS = 20
const ALONE = 1_000

/** Small tenants beside a large one, and what the large one gets when it is alone. */
async function shares(
  server: PostgresServer,
  { rounds, say }: BenchmarkOptions,
): Promise<Figure[]> {
  const own = millraceQueue(server)
  const size = { slots: TENANT_SLOTS, jobMs: TASK_MS }
  const quiet: number[] = []
  const noisy: number[] = []
  const alone: number[] = []
  for (let round = 0; round < rounds; round++) {
    const without = await own.measure('tenants', { ...size, jobs: 0 })
    const beside = await own.measure('tenants', { ...size, jobs: NOISY })
    const single = await own.measure('slots', { ...size, jobs: ALONE })
    quiet.push(quantile(without.waitsMs ?? [], 0.95))
    noisy.push(quantile(beside.waitsMs ?? [], 0.95))
    alone.push((ALONE * TASK_MS) / (TENANT_SLOTS * single.wallMs))
    say(
      `round ${round + 1}: ${millis(quiet.at(-1) ?? 0)} without, ${millis(noisy.at(-1) ?? 0)} beside`,
    )
  }
  const ratio = median(noisy) / median(quiet)
  const share = median(alone)
  return [
    {
      work: `p95 wait of 20 tenants with 10 tasks of ${TASK_MS} ms beside one with ${formatCount(NOISY)}`,
      millrace: formatDuration(median(noisy)),
      peer: `${formatDuration(median(quiet))} without it`,
      ratio: `${ratio.toFixed(2)} x`,
      hold: '<= 2 x',
      held: ratio <= 2,
    },
    {
      work: `slot time that a tenant alone gets, ${formatCount(ALONE)} tasks of ${TASK_MS} ms`,
      millrace: `${(share * 100).toFixed(1)} %`,
      peer: '',
      ratio: '',
      hold: '>= 95 %',
      held: share >= 0.95,
    },
  ]
}
