import { until, type OpenPeer, type PeerJob } from './peer-queue.ts'

interface Queue {
  addBulk(jobs: readonly object[]): Promise<unknown>
  add(name: string, data: PeerJob, options: object): Promise<unknown>
  getJobCounts(...types: string[]): Promise<Record<string, number>>
  close(): Promise<void>
}

interface Module {
  readonly Queue: new (name: string, options: object) => Queue
  readonly Worker: new (
    name: string,
    perform: (job: { readonly data: PeerJob }) => Promise<void>,
    options: object,
  ) => { waitUntilReady(): Promise<unknown>; close(force?: boolean): Promise<void> }
  readonly FlowProducer: new (options: object) => {
    add(flow: object): Promise<unknown>
    close(): Promise<void>
  }
}

const QUEUE = 'bench'
const packageName: string = 'bullmq'
const keepNothing = { removeOnComplete: true, removeOnFail: true }

/** BullMQ 6 on Redis: ended jobs are not kept; for many jobs its guide's concurrency of a hundred and more. */
export const open: OpenPeer = async (address) => {
  const { FlowProducer, Queue, Worker } = (await import(packageName)) as Module
  const { hostname, port } = new URL(address)
  const connection = { host: hostname, port: Number(port), maxRetriesPerRequest: null }
  const queue = new Queue(QUEUE, { connection, defaultJobOptions: keepNothing })
  const flows = new FlowProducer({ connection })
  let worker: InstanceType<Module['Worker']> | null = null
  return {
    async add(jobs) {
      const [first] = jobs
      if (first && jobs.length === 1) await queue.add('job', first, keepNothing)
      else await queue.addBulk(jobs.map((data) => ({ name: 'job', data, opts: keepNothing })))
    },
    async work({ slots, bulk }, perform) {
      worker = new Worker(QUEUE, ({ data }) => perform(data), {
        connection,
        concurrency: bulk ? 200 : slots,
      })
      await worker.waitUntilReady()
    },
    idle: () =>
      until(async () => {
        const counts = await queue.getJobCounts('wait', 'active', 'prioritized', 'waiting-children')
        return Object.values(counts).every((count) => count === 0)
      }),
    async addFanIn(size) {
      const part = { name: 'part', queueName: QUEUE, data: { kind: 'nothing' }, opts: keepNothing }
      await flows.add({
        name: 'last',
        queueName: QUEUE,
        data: { kind: 'chain', left: 0 },
        opts: keepNothing,
        children: Array.from({ length: size }, () => part),
      })
    },
    async close() {
      await worker?.close(true)
      await flows.close()
      await queue.close()
    },
  }
}
