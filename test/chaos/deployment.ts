// npm run chaos:deployment -- --kills 1000 --stalls 200 --minutes 40 --seed 1
//
// A deployment on PostgreSQL and S3 with three workers, hit as often as asked; says what became of it.

import { rm } from 'node:fs/promises'
import { parseArgs } from 'node:util'

import { faultsOf, reportLines } from '#chaos/report.ts'
import { findPostgres } from '../support/postgres-server.ts'
import { findOnPath } from '../support/s3-server.ts'
import { runSharedChaos } from './shared-deployment.ts'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '30' },
    stalls: { type: 'string', default: '10' },
    minutes: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
    keep: { type: 'boolean', default: false },
  },
})

const postgresBin = findPostgres()
const s3Server = findOnPath('moto_server')
if (postgresBin === null || s3Server === null) {
  throw new Error('this needs PostgreSQL, and moto_server on PATH (pip install "moto[server]")')
}
const startedMs = performance.now()
const { result, folder, s3 } = await runSharedChaos(
  { postgresBin, s3Server },
  {
    seed: Number(values.seed),
    minutes: Number(values.minutes),
    kills: Number(values.kills),
    stalls: Number(values.stalls),
    report: print,
  },
)
const faults = faultsOf(result)
print('')
for (const line of reportLines(result)) print(line)
for (const [what, times] of s3) print(`  ${String(times).padStart(5)}  S3 ${what}`)
print(`seed ${values.seed}, took ${Math.round((performance.now() - startedMs) / 1_000)} s`)
if (!values.keep && faults.length === 0) await rm(folder, { recursive: true, force: true })
else print(`homes, logs and promises are kept in ${folder}`)
process.exit(faults.length > 0 ? 1 : 0)

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
