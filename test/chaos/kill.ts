// npm run chaos:kill -- --times 200 --seed 1
//
// Kills Millrace as often as asked, in the middle of its main job, and says what became of it. The same
// seed picks the same kinds and moments; what a process was doing then depends on the machine.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { runCampaign, type CampaignResult } from './campaign.ts'

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    keep: { type: 'boolean', default: false },
  },
})

const folder = await mkdtemp(join(tmpdir(), 'millrace-chaos-'))
const startedMs = performance.now()
const result = await runCampaign({
  times: Number(values.times),
  seed: Number(values.seed),
  folder,
  report: print,
})
if (!values.keep && result.faults.length === 0) await rm(folder, { recursive: true, force: true })
else print(`homes and inputs are kept in ${folder}`)
summarise(result)
if (result.faults.length > 0) process.exitCode = 1

function summarise(found: CampaignResult): void {
  print('')
  print(`seed        ${values.seed}`)
  print(`kills       ${found.kills} (${listed(found.killsByKind)})`)
  for (const [phase, kills] of Object.entries(found.killsByPhase).toSorted(([, a], [, b]) => b - a))
    print(`            ${String(kills).padStart(4)} ${phase}`)
  print(`runs        ${found.completed} came to their end, ${found.resumed} of them after a kill`)
  print(`lost        ${found.lost}`)
  print(`half seen   ${found.halfVisible}`)
  print(`gave up     ${found.gaveUp} runs that were killed too often; the next one did their work`)
  print(`faults      ${found.faults.length}`)
  for (const fault of found.faults) print(`  ${fault}`)
  print(`took        ${Math.round((performance.now() - startedMs) / 1000)} s`)
}

function listed(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ')
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
