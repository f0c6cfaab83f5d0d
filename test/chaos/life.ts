import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import type { ServedVersion } from '../support/check-store.ts'
import type { FaultPoint } from './fault-points.ts'
import type { WorkerLine, WorkerOrders } from './worker.ts'

/** What became of one process. */
export interface LifeEnd {
  /** By us, or by itself where it was ordered to. */
  readonly killed: boolean
  /** What it had last done when it was killed. */
  readonly phase: string
  readonly openMs: number
  /** From the beginning of its run to the end; 0 where there was none. */
  readonly runMs: number
  /** How often it came by each point. */
  readonly points: ReadonlyMap<FaultPoint, number>
  /** How its run ended; null: it did not get there. */
  readonly ended: { readonly state: string; readonly problems: readonly string[] } | null
  readonly servedAtStart: readonly ServedVersion[] | null
  readonly servedAtEnd: readonly ServedVersion[] | null
  readonly faults: readonly string[]
  readonly lost: number
  /** Runs of this home that ended as failed: killed too often. */
  readonly formerFailed: number
  readonly stderr: string
}

export interface Kill {
  /** The whole tree of processes, the parent alone, or one engine child of it. */
  readonly kind: 'tree' | 'parent' | 'engine'
  /** Counts from the start of the process, or from the moment when its run begins. */
  readonly from: 'start' | 'run'
  readonly afterMs: number
}

export interface Life {
  readonly orders: WorkerOrders
  /** Waits for the end, and brings it about where a kill is given. */
  end(kill: Kill | null): Promise<LifeEnd>
}

const ORPHANS_MS_MAX = 10_000
const LIFE_MS_MAX = 120_000

export function startLife(orders: WorkerOrders): Life {
  const startedMs = performance.now()
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'worker.ts'), JSON.stringify(orders)],
    // A process group of its own: the tree is killed as one.
    {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { NODE_COMPILE_CACHE: join(tmpdir(), 'millrace-chaos-compiled'), ...process.env },
    },
  )
  const points = new Map<FaultPoint, number>()
  const faults: string[] = []
  let phase = 'opening'
  let lost = 0
  let formerFailed = 0
  let ended: LifeEnd['ended'] = null
  let servedAtStart: LifeEnd['servedAtStart'] = null
  let servedAtEnd: LifeEnd['servedAtEnd'] = null
  let stderr = ''
  let runStartedMs = 0
  let runEndedMs = 0
  const running = Promise.withResolvers<void>()
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (text) => {
    const line = readLine(text)
    if (!line) return
    if (line.event === 'opened') phase = 'opened'
    if (line.event === 'at') {
      phase = line.point
      points.set(line.point, (points.get(line.point) ?? 0) + 1)
    }
    if (line.event === 'checked') {
      phase = line.when === 'start' ? 'planning' : 'ended'
      faults.push(...line.faults.map((fault) => `at the ${line.when} of a life: ${fault}`))
      if (line.lost.length > 0)
        faults.push(`acknowledged versions are lost: ${line.lost.join(', ')}`)
      lost += line.lost.length
      if (line.when === 'start') {
        servedAtStart = line.served
        runStartedMs = performance.now()
        running.resolve()
      } else {
        servedAtEnd = line.served
        runEndedMs = performance.now()
      }
    }
    if (line.event === 'former') formerFailed = line.ended.length
    if (line.event === 'ended') ended = { state: line.state, problems: line.problems }
  })
  const read = new Promise((resolve) => lines.once('close', resolve))
  const exited = new Promise<{ signal: string | null }>((resolve) =>
    child.once('exit', (_code, signal) => resolve({ signal })),
  )
  const group = child.pid as number

  return {
    orders,
    async end(kill) {
      let engineKilled = false
      let phaseAtKill: string | null = null
      const tooLong = setTimeout(() => {
        faults.push(`a life was still going on after ${LIFE_MS_MAX} ms, in phase ${phase}`)
        killGroup(group)
      }, LIFE_MS_MAX)
      let timer: NodeJS.Timeout | undefined
      const arm = () => {
        if (kill === null || child.exitCode !== null) return
        timer = setTimeout(() => {
          phaseAtKill = phase
          if (kill.kind === 'tree') killGroup(group)
          else if (kill.kind === 'parent') child.kill('SIGKILL')
          else engineKilled = killEngine(child)
        }, kill.afterMs)
      }
      if (kill?.from === 'start') arm()
      else void running.promise.then(arm)
      const { signal } = await exited
      clearTimeout(tooLong)
      clearTimeout(timer)
      const survivors = await waitForGroup(group)
      if (survivors) faults.push('an engine child outlived its parent for 10 s')
      killGroup(group)
      await read
      return {
        killed: engineKilled || signal === 'SIGKILL',
        phase: phaseAtKill ?? phase,
        openMs: (runStartedMs || performance.now()) - startedMs,
        runMs: Math.max(0, runEndedMs - runStartedMs),
        points,
        ended,
        servedAtStart,
        servedAtEnd,
        faults,
        lost,
        formerFailed,
        stderr,
      }
    },
  }
}

/** Half a line is what a killed process leaves. */
function readLine(text: string): WorkerLine | null {
  try {
    return JSON.parse(text) as WorkerLine
  } catch {
    return null
  }
}

function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL')
  } catch {
    // Nobody is left.
  }
}

/** False where it has no child at this moment. */
function killEngine(parent: ChildProcess): boolean {
  const children = childrenOf(parent.pid as number)
  const victim = children.at(-1)
  if (victim === undefined) return false
  try {
    process.kill(victim, 'SIGKILL')
    return true
  } catch {
    return false
  }
}

function childrenOf(pid: number): number[] {
  try {
    const list = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    return list.split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

/** True where processes of the group are still there at the end. */
async function waitForGroup(group: number): Promise<boolean> {
  const untilMs = performance.now() + ORPHANS_MS_MAX
  while (performance.now() < untilMs) {
    try {
      process.kill(-group, 0)
    } catch {
      return false
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return true
}
