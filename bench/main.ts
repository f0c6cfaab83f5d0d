// npm run bench: every benchmark, one after the other. Nothing is asserted: the table says what holds.
//
//   npm run bench -- --only main-job,plan --rounds 5 --rows 1150000 --large
//   npm run bench -- --only queue

import { readOptions, runAll } from './benchmark.ts'
import { ingest } from './ingest.ts'
import { mainJob } from './main-job.ts'
import { plan } from './plan.ts'
import { queue } from './queue.ts'
import { rateLimit } from './rate-limit.ts'
import { portal } from './portal.ts'
import { portalMatrix } from './portal-matrix.ts'
import { portalTable } from './portal-table.ts'
import { readPath } from './read-path.ts'
import { rerun } from './rerun.ts'
import { exported } from './export.ts'
import { serve } from './serve.ts'
import { start } from './start.ts'
import { tenants } from './tenants.ts'
import { tinyPartitions } from './tiny-partitions.ts'

const benchmarks = [
  mainJob,
  rerun,
  tinyPartitions,
  plan,
  start,
  tenants,
  ingest,
  readPath,
  rateLimit,
  serve,
  exported,
  portal,
  portalMatrix,
  portalTable,
  ...queue,
]

const options = readOptions(process.argv.slice(2))
/** `queue` stands for all that begin with it. */
const means = (asked: string, name: string) => name === asked || name.startsWith(`${asked}-`)
const unknown = options.only.filter((asked) => !benchmarks.some(({ name }) => means(asked, name)))
if (unknown.length > 0) {
  const known = benchmarks.map(({ name }) => name).join(', ')
  console.error(`no benchmark is named ${unknown.join(', ')}; there are ${known}`)
  process.exitCode = 2
} else {
  const chosen = benchmarks.filter(
    ({ name }) => options.only.length === 0 || options.only.some((asked) => means(asked, name)),
  )
  await runAll(chosen, options)
}
