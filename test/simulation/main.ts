// Simulations by seed: node test/simulation/main.ts --seed 17 --steps 150 [--seeds 200] [--planted NAME] [--postgres] [--trace]

import { parseArgs } from 'node:util'

import { plantedFaults, type Planted } from './planted.ts'
import type { Actor } from './schedule.ts'
import { simulate } from './simulation.ts'
import { openStore } from './store.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    steps: { type: 'string', default: '150' },
    planted: { type: 'string' },
    postgres: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
  },
})

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

function byName([a]: readonly [string, number], [b]: readonly [string, number]): number {
  return a < b ? -1 : 1
}

function plantedOf(name: string | undefined): Planted | null {
  if (name === undefined) return null
  const known = plantedFaults.find((planted) => planted === name)
  if (known) return known
  throw new Error(`no planted fault is named ${name}; there are ${plantedFaults.join(', ')}`)
}

const store = await openStore<Actor>(values.postgres ? 'postgres' : 'pglite')
const coverage = new Map<string, number>()
const startedMs = performance.now()
let bad = 0
for (let index = 0; index < Number(values.seeds); index++) {
  const seed = Number(values.seed) + index
  const { hash, faults, steps, simulatedMs, runs, tasks, ...result } = await simulate(store, {
    seed,
    steps: Number(values.steps),
    planted: plantedOf(values.planted),
    ...(values.trace && { trace: print }),
  })
  for (const [point, count] of result.coverage) {
    coverage.set(point, (coverage.get(point) ?? 0) + count)
  }
  if (faults.length > 0) bad++
  const seconds = Math.round(simulatedMs / 1_000)
  print(
    `seed ${seed}: ${hash.slice(0, 16)} ${steps} steps, ${seconds} s, ${runs} runs, ${tasks} tasks${faults.length > 0 ? `\n  ${faults.slice(0, 8).join('\n  ')}` : ''}`,
  )
}
print(`${Math.round(performance.now() - startedMs)} ms; ${bad} seeds with faults`)
for (const [point, count] of [...coverage].toSorted(byName)) print(`  ${count} ${point}`)
await store.close()
process.exitCode = bad > 0 ? 1 : 0
