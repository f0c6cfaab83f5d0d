import pg from 'pg'

import { until, type OpenPeer, type PeerJob } from './peer-queue.ts'

interface Boss {
  on(event: 'error', listener: (error: Error) => void): void
  start(): Promise<unknown>
  stop(options: object): Promise<void>
  createQueue(name: string, options: object): Promise<void>
  insert(name: string, jobs: readonly { data: PeerJob }[]): Promise<unknown>
  send(name: string, data: PeerJob): Promise<unknown>
  flow(jobs: readonly object[]): Promise<unknown>
  resolveFlow(): Promise<void>
  work(
    name: string,
    options: object,
    handler: (jobs: readonly { data: PeerJob }[]) => Promise<void>,
  ): Promise<unknown>
}

interface Module {
  readonly PgBoss: new (options: object) => Boss
}

const QUEUE = 'bench'
const packageName: string = 'pg-boss'

/** pg-boss 12: notices instead of polling, full batches fetched without a pause. */
export const open: OpenPeer = async (address) => {
  const { PgBoss } = (await import(packageName)) as Module
  const boss = new PgBoss({ connectionString: address, useListenNotify: true, max: 10 })
  boss.on('error', (error) => console.error(error))
  await boss.start()
  const store = new pg.Client({ connectionString: address })
  await store.connect()
  await boss.createQueue(QUEUE, { notify: true })
  let resolving: NodeJS.Timeout | undefined
  return {
    async add(jobs) {
      const [first] = jobs
      if (first && jobs.length === 1) await boss.send(QUEUE, first)
      else
        await boss.insert(
          QUEUE,
          jobs.map((data) => ({ data })),
        )
    },
    async work({ slots, bulk }, perform) {
      const options = {
        batchSize: bulk ? 512 : 1,
        localConcurrency: slots,
        pollingIntervalSeconds: 0.5,
        notifyPollingIntervalSeconds: 0.5,
        ...(bulk ? { burstWhenBatchFull: true } : { burstWhenReadyExceeds: 1 }),
      }
      await boss.work(QUEUE, options, async (jobs) => {
        for (const { data } of jobs) await perform(data)
      })
    },
    idle: () =>
      until(async () => {
        const open = await store.query(`SELECT 1 FROM pgboss.job WHERE state < 'completed' LIMIT 1`)
        return open.rowCount === 0
      }),
    async addFanIn(size) {
      const names = Array.from({ length: size }, (_, index) => `part-${index}`)
      const nothing: PeerJob = { kind: 'nothing' }
      await boss.flow([
        ...names.map((ref) => ({ ref, name: QUEUE, data: nothing })),
        { ref: 'last', name: QUEUE, data: { kind: 'chain', left: 0 }, dependsOn: names },
      ])
      // It looks once a minute by itself; here as often as it can.
      resolving = setInterval(() => void boss.resolveFlow().catch(() => {}), 100)
    },
    async close() {
      clearInterval(resolving)
      await store.end()
      await boss.stop({ graceful: false })
    },
  }
}
