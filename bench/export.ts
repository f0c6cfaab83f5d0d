// A million rows as a delivery in CSV, beside DuckDB's own COPY of the same Parquet file, with one
// thread as readers have it and with all of them; and whether the memory of an export grows with what
// it has written.
//
//   node bench/export.ts --rounds 3

import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'

import { getDelivery } from '#catalog/deliveries.ts'
import { literal } from '#engine/sql-text.ts'
import { systemClock } from '#kernel/clock.ts'
import { fullAccess } from '#model/access.ts'
import type { DeliveryAsker } from '#serving/deliveries/deliveries.ts'
import type { Question } from '#serving/question.ts'
import { openAnswerWorld, type AnswerWorld } from '../test/support/answer-world.ts'
import { publishedSet } from '../test/support/published.ts'
import { runAlone, type Benchmark, type BenchmarkOptions } from './benchmark.ts'
import type { Figure } from './figure.ts'
import { canMeasureMemory, memoryOfTree } from './process-memory.ts'

const ROWS = 1_000_000
const MONTH = '2021-04'
const HOLD = 1.5
const MEMORY_HOLD = 1.1
const SAMPLE_MS = 25
/** More often would take processor time from the work: each look is a statement of the catalog. */
const LOOK_MS = 25

function lines(): string[] {
  return Array.from({ length: ROWS }, (_, at) => {
    const day = String((at % 28) + 1).padStart(2, '0')
    return `${at},who ${at % 5_000},${at % 1_000}.25,0.5,true,${MONTH}-${day} 10:00:00`
  })
}

function questionOf(world: AnswerWorld): Question {
  const definition = world.server.open.factory.datasets.find(({ name }) => name === 'entries')
  if (!definition) throw new Error('the dataset is not there')
  const subject = { kind: 'dataset', definition, partitions: null } as const
  return { subject, select: null, where: [], sort: null, asOf: null }
}

/** Begun, made, ready: milliseconds, and the bytes. */
async function deliver(world: AnswerWorld): Promise<{ ms: number; bytes: number }> {
  const { answers, deliveries, catalog } = world.server.open
  const asker: DeliveryAsker = {
    tenant: world.tenant,
    access: fullAccess,
    name: 'local',
    email: null,
  }
  const question = questionOf(world)
  const startedMs = systemClock.monotonicMs()
  const { receipt } = await answers.ask(asker, question)
  const wish = { format: 'csv', cells: 'raw', title: 'entries', idempotencyKey: null } as const
  const { id } = await deliveries.begin(asker, { question, receipt }, wish)
  for (;;) {
    const shown = await catalog.asTenant(world.tenant, (session) => getDelivery(session, id))
    const ms = systemClock.monotonicMs() - startedMs
    if (shown?.state === 'ready') return { ms, bytes: shown.sizeBytes ?? 0 }
    if (shown?.state === 'failed') throw new Error(JSON.stringify(shown.error))
    await systemClock.sleep(LOOK_MS)
  }
}

/** The next delivery makes its file itself. */
async function forget(world: AnswerWorld): Promise<void> {
  await world.server.open.catalog.asTenant(world.tenant, (session) =>
    session.query('DELETE FROM delivery_artefact WHERE tenant_id = $1', [world.tenant.id]),
  )
}

async function copy(
  world: AnswerWorld,
  folder: string,
  threads: string | null,
): Promise<{ ms: number; bytes: number }> {
  const { lake } = world.server.open
  const set = await publishedSet({ parts: world.server.open, tenant: world.tenant }, 'entries')
  const files = set.partitions.flatMap((partition) => partition.files)
  const paths = await Promise.all(files.map((file) => lake.localPath(file)))
  const target = join(folder, 'peer.csv')
  const instance = await DuckDBInstance.create(':memory:', threads === null ? {} : { threads })
  const connection = await instance.connect()
  try {
    const startedMs = systemClock.monotonicMs()
    await connection.run(
      `COPY (SELECT n, who, amount, ratio, paid, "at" FROM read_parquet([${paths.map(literal).join(', ')}]))
       TO ${literal(target)} (FORMAT csv, HEADER)`,
    )
    return { ms: systemClock.monotonicMs() - startedMs, bytes: (await stat(target)).size }
  } finally {
    connection.closeSync()
    instance.closeSync()
    await rm(target, { force: true })
  }
}

/** Means of the second and of the last quarter of the samples that are taken meanwhile. */
async function memoryDuring(work: () => Promise<unknown>): Promise<[number, number]> {
  const samples: number[] = []
  let open = true
  const sampling = (async () => {
    while (open) {
      samples.push(memoryOfTree(process.pid))
      await systemClock.sleep(SAMPLE_MS)
    }
  })()
  await work()
  open = false
  await sampling
  const quarter = (from: number) => {
    const part = samples.slice(
      Math.floor(samples.length * from),
      Math.ceil(samples.length * (from + 0.25)),
    )
    return part.reduce((sum, bytes) => sum + bytes, 0) / Math.max(1, part.length)
  }
  return [quarter(0.25), quarter(0.75)]
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

async function measure({ rounds, say }: BenchmarkOptions): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-export-'))
  const world = await openAnswerWorld({ slots: 2 })
  try {
    await world.publish(MONTH, lines())
    await deliver(world)
    const own: number[] = []
    const all: number[] = []
    const peer: number[] = []
    for (let round = 0; round < rounds; round++) {
      await forget(world)
      const ours = await deliver(world)
      const theirs = await copy(world, folder, '1')
      all.push((await copy(world, folder, null)).ms)
      own.push(ours.ms)
      peer.push(theirs.ms)
      say(
        `round ${round + 1}: ${spoken(ours.ms)} (${ours.bytes} bytes) beside ${spoken(theirs.ms)}`,
      )
    }
    const ratio = median(own) / median(peer)
    const speed: Figure = {
      work: `${ROWS} rows as a delivery in CSV, asked to ready`,
      millrace: spoken(median(own)),
      peer: `${spoken(median(peer))} COPY`,
      ratio: `${ratio.toFixed(2)} x`,
      hold: `<= ${HOLD} x`,
      held: ratio <= HOLD,
    }
    const wide: Figure = {
      work: 'the same beside a COPY with all threads',
      millrace: spoken(median(own)),
      peer: `${spoken(median(all))} COPY`,
      ratio: `${(median(own) / median(all)).toFixed(2)} x`,
      hold: '',
      held: null,
    }
    if (!canMeasureMemory) return [speed, wide]
    const [second, last] = await memoryDuring(async () => {
      for (let at = 0; at < 6; at++) {
        await forget(world)
        await deliver(world)
      }
    })
    const growth = last / second
    const memory: Figure = {
      work: 'memory in the last quarter of six such deliveries, beside the second quarter',
      millrace: `${Math.round(last / 2 ** 20)} MiB`,
      peer: `${Math.round(second / 2 ** 20)} MiB`,
      ratio: `${growth.toFixed(2)} x`,
      hold: `<= ${MEMORY_HOLD} x`,
      held: growth <= MEMORY_HOLD,
    }
    return [speed, wide, memory]
  } finally {
    await world.close()
    await rm(folder, { recursive: true, force: true })
  }
}

function spoken(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`
}

export const exported: Benchmark = {
  name: 'export',
  title: "a million rows as a delivery, beside DuckDB's COPY",
  run: measure,
}

if (import.meta.main) await runAlone(exported)
