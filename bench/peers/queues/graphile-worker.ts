import pg from 'pg'

import { until, type OpenPeer, type PeerJob } from './peer-queue.ts'

interface Helpers {
  withPgClient<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T>
  addJob(name: string, payload: PeerJob): Promise<unknown>
}

interface Module {
  runMigrations(options: object): Promise<void>
  run(options: object): Promise<{ stop(): Promise<void> }>
  makeWorkerUtils(options: object): Promise<{
    addJob(name: string, payload: PeerJob): Promise<unknown>
    addJobs(jobs: readonly object[]): Promise<unknown>
    release(): Promise<void>
  }>
  readonly Logger: new (factory: () => () => void) => object
}

const NAME = 'bench'
const packageName: string = 'graphile-worker'

/** graphile-worker 0.18: LISTEN, and for many jobs its local queue with batched completion. */
export const open: OpenPeer = async (address) => {
  const { Logger, makeWorkerUtils, run, runMigrations } = (await import(packageName)) as Module
  const logger = new Logger(() => () => {})
  const pool = new pg.Pool({ connectionString: address, max: 20 })
  await runMigrations({ pgPool: pool, logger })
  const utils = await makeWorkerUtils({ pgPool: pool, logger })
  let runner: { stop(): Promise<void> } | null = null
  return {
    async add(jobs) {
      const [first] = jobs
      if (first && jobs.length === 1) await utils.addJob(NAME, first)
      else await utils.addJobs(jobs.map((payload) => ({ identifier: NAME, payload })))
    },
    async work({ slots, bulk }, perform) {
      // For jobs that do nothing its guide asks for many at a time, fetched and completed in batches.
      const worker = bulk
        ? {
            concurrentJobs: 24,
            localQueue: { size: 500, refetchDelay: { durationMs: 10 } },
            completeJobBatchDelay: 0,
            failJobBatchDelay: 0,
          }
        : { concurrentJobs: slots }
      runner = await run({
        pgPool: pool,
        logger,
        noHandleSignals: true,
        preset: { worker: { ...worker, pollInterval: 500, maxPoolSize: 20 } },
        taskList: {
          [NAME]: (payload: PeerJob) => perform(payload),
          // What its users write: each one counts down, and the last one asks for what follows.
          part: async (_payload: unknown, { withPgClient, addJob }: Helpers) => {
            const { rows } = await withPgClient((client) =>
              client.query<{ open: number }>('UPDATE fan SET open = open - 1 RETURNING open'),
            )
            if (rows[0]?.open === 0) await addJob(NAME, { kind: 'chain', left: 0 })
          },
        },
      })
    },
    idle: () =>
      until(async () => {
        const open = await pool.query('SELECT 1 FROM graphile_worker._private_jobs LIMIT 1')
        return open.rowCount === 0
      }),
    async addFanIn(size) {
      await pool.query(`CREATE TABLE fan AS SELECT ${Number(size)} AS open`)
      await utils.addJobs(Array.from({ length: size }, () => ({ identifier: 'part', payload: {} })))
    },
    async close() {
      await runner?.stop()
      await utils.release()
      await pool.end()
    },
  }
}
