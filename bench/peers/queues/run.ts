// One scenario on one other queue, in a process of its own; prints its figures as one JSON line.
//
//   node bench/peers/queues/run.ts pg-boss drain postgresql://… '{"jobs":20000,"slots":2}'

import type { OpenPeer, PeerJob, PeerQueue } from './peer-queue.ts'
import type { QueueFigures, QueueScenario, ScenarioSize } from '../../queue-scenario.ts'

const wallMs = () => performance.timeOrigin + performance.now()
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

async function drain(queue: PeerQueue, { jobs, slots }: ScenarioSize): Promise<QueueFigures> {
  const posting = performance.now()
  await queue.add(Array.from({ length: jobs }, () => ({ kind: 'nothing' })))
  const postMs = performance.now() - posting
  let left = jobs
  const performed = Promise.withResolvers<void>()
  const startedMs = performance.now()
  await queue.work({ slots, bulk: true }, async () => {
    if (--left === 0) performed.resolve()
  })
  await performed.promise
  await queue.idle()
  return { wallMs: performance.now() - startedMs, postMs }
}

async function latency(queue: PeerQueue, { jobs, slots }: ScenarioSize): Promise<QueueFigures> {
  const waitsMs: number[] = []
  let begun = Promise.withResolvers<void>()
  await queue.work({ slots, bulk: false }, async ({ sentMs }) => {
    waitsMs.push(wallMs() - (sentMs ?? 0))
    begun.resolve()
  })
  for (let job = 0; job < jobs; job++) {
    begun = Promise.withResolvers()
    await queue.add([{ kind: 'nothing', sentMs: wallMs() }])
    await begun.promise
    await sleep(20)
  }
  return { wallMs: 0, waitsMs }
}

async function chain(queue: PeerQueue, { jobs, slots }: ScenarioSize): Promise<QueueFigures> {
  const ended = Promise.withResolvers<void>()
  await queue.work({ slots, bulk: false }, followUp(queue, ended.resolve))
  const startedMs = performance.now()
  await queue.add([{ kind: 'chain', left: jobs - 1 }])
  await ended.promise
  return { wallMs: performance.now() - startedMs }
}

async function fanIn(queue: PeerQueue, { jobs, slots }: ScenarioSize): Promise<QueueFigures> {
  const ended = Promise.withResolvers<void>()
  await queue.work({ slots, bulk: true }, followUp(queue, ended.resolve))
  const startedMs = performance.now()
  await queue.addFanIn(jobs)
  await ended.promise
  return { wallMs: performance.now() - startedMs }
}

async function slots(queue: PeerQueue, size: ScenarioSize): Promise<QueueFigures> {
  let left = size.jobs
  const ended = Promise.withResolvers<void>()
  await queue.work({ slots: size.slots, bulk: false }, async ({ ms }) => {
    await sleep(ms ?? 0)
    if (--left === 0) ended.resolve()
  })
  const startedMs = performance.now()
  await queue.add(Array.from({ length: size.jobs }, () => ({ kind: 'sleep', ms: size.jobMs ?? 0 })))
  await ended.promise
  return { wallMs: performance.now() - startedMs }
}

function followUp(queue: PeerQueue, ended: () => void) {
  return async ({ kind, left = 0 }: PeerJob): Promise<void> => {
    if (kind !== 'chain') return
    if (left === 0) ended()
    else await queue.add([{ kind, left: left - 1 }])
  }
}

const scenarios: Record<Exclude<QueueScenario, 'tenants'>, typeof drain> = {
  drain,
  latency,
  chain,
  fanIn,
  slots,
}
const [peer = '', scenario = '', address = '', size = '{}'] = process.argv.slice(2)
const { open } = (await import(`./${peer}.ts`)) as { open: OpenPeer }
const queue = await open(address)
// Connections and listeners get a moment, like a worker that has been up for a while.
await sleep(300)
const figures = await scenarios[scenario as keyof typeof scenarios](
  queue,
  JSON.parse(size) as ScenarioSize,
)
process.stdout.write(`${JSON.stringify(figures)}\n`)
await Promise.race([queue.close(), sleep(2_000)])
process.exit(0)
