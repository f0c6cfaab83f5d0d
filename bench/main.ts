// npm run bench: every benchmark, one after the other. Nothing is asserted: the table says what holds.
//
//   npm run bench -- --only main-job,plan --rounds 5 --rows 1150000 --large

import { readOptions, runAll } from './benchmark.ts'
import { mainJob } from './main-job.ts'
import { plan } from './plan.ts'
import { rerun } from './rerun.ts'
import { start } from './start.ts'
import { tinyPartitions } from './tiny-partitions.ts'

const benchmarks = [mainJob, rerun, tinyPartitions, plan, start]

const options = readOptions(process.argv.slice(2))
const unknown = options.only.filter((name) => !benchmarks.some((own) => own.name === name))
if (unknown.length > 0) {
  const known = benchmarks.map(({ name }) => name).join(', ')
  console.error(`no benchmark is named ${unknown.join(', ')}; there are ${known}`)
  process.exitCode = 2
} else {
  const chosen = benchmarks.filter(
    ({ name }) => options.only.length === 0 || options.only.includes(name),
  )
  await runAll(chosen, options)
}
