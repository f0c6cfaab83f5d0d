import { spawn, type ChildProcess } from 'node:child_process'
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import type { Clock } from '#kernel/clock.ts'
import type { Random } from '#kernel/random.ts'

/** What a process of the deployment does. */
export type Role = 'worker' | 'scheduler' | 'api'

/** One place in the deployment: when its process ends, another takes its place. */
export interface Member {
  readonly name: string
  readonly role: Role
  readonly state: 'starting' | 'ready' | 'stopped'
  /** How long it has been ready without a break; 0 when it is not. */
  readonly readyMs: () => number
  readonly pid: number
  /** Of its REST API or its health; null before it is ready. */
  readonly address: string | null
  /** SIGKILL: the process alone, or it and all of its children. */
  kill(tree: boolean): void
  /** SIGSTOP for so long, then SIGCONT. */
  stall(ms: number, tree: boolean): Promise<void>
}

export interface Deployment {
  readonly members: readonly Member[]
  /** Resolves when all are ready; throws after a while. */
  allReady(): Promise<void>
  /** Lines of the logs that tell of refused writes of attempts that had lost their lease. */
  readonly staleRefused: () => number
  /** Processes that ended without having been killed, each with what it last said. */
  readonly ownEnds: readonly string[]
  close(): Promise<void>
}

export interface DeploymentOptions {
  /** Program and first arguments that start Millrace's command line. */
  readonly program: readonly string[]
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  readonly workers: number
  readonly slots: number
  readonly clock: Clock
  readonly random: Random
}

const READY_MS_MAX = 120_000
const STALE = /an attempt lost its lease/
/** Said by a process that starts while the database is away; it is simply started again. */
const AWAY = 4

/** Workers, two API servers and two schedulers as processes of this machine, each with a home of its own. */
export function openDeployment(options: DeploymentOptions): Deployment {
  const { clock, random } = options
  const closing = new AbortController()
  const ownEnds: string[] = []
  const lives: ChildProcess[] = []
  let stale = 0
  const roles: readonly Role[] = [
    ...Array.from({ length: options.workers }, () => 'worker' as const),
    'scheduler',
    'scheduler',
    'api',
    'api',
  ]
  const members = roles.map((role, index) => openMember(`${role}-${index + 1}`, role))

  function openMember(name: string, role: Role): Member & { readonly ended: Promise<void> } {
    const home = join(options.folder, name)
    mkdirSync(home, { recursive: true })
    const log = createWriteStream(join(options.folder, `${name}.log`), { flags: 'a' })
    let state: Member['state'] = 'starting'
    let address: string | null = null
    let readySinceMs = 0
    let killed = false
    let child = start()

    function start(): ChildProcess {
      state = 'starting'
      address = null
      killed = false
      const settings = {
        ...options.environment,
        MILLRACE_HOME: home,
        MILLRACE_PARTS: partsOf(role),
      }
      const started = spawn(
        'env',
        [
          ...Object.entries(settings).map(([variable, value]) => `${variable}=${value}`),
          ...options.program,
          'serve',
          '--json',
          '--port',
          '0',
          '--slots',
          String(options.slots),
        ],
        // A group of its own, so that its children can be killed with it.
        { detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
      )
      createInterface({ input: started.stdout }).on('line', (line) => {
        address = addressIn(line) ?? address
        if (address === null || state !== 'starting') return
        state = 'ready'
        readySinceMs = clock.monotonicMs()
      })
      follow(started, log)
      lives.push(started)
      return started
    }

    function follow(started: ChildProcess, to: WriteStream): void {
      let last = ''
      if (!started.stderr) return
      createInterface({ input: started.stderr }).on('line', (line) => {
        to.write(`${line}\n`)
        if (STALE.test(line)) stale++
        last = line
      })
      started.once('exit', (code) => {
        if (!killed && !closing.signal.aborted && code !== AWAY) {
          ownEnds.push(`${name} ended with ${code}: ${last.slice(0, 500)}`)
        }
      })
    }

    async function keep(): Promise<void> {
      while (!closing.signal.aborted) {
        await new Promise<void>((resolve) => {
          if (child.exitCode !== null || child.signalCode !== null) resolve()
          else child.once('exit', () => resolve())
        })
        await clock.sleep(random.next() * 200, closing.signal).catch(() => {})
        if (!closing.signal.aborted) child = start()
      }
    }

    function signal(name: NodeJS.Signals, tree: boolean, to = child): void {
      try {
        process.kill(tree ? -(to.pid as number) : (to.pid as number), name)
      } catch {
        // It is gone already.
      }
    }

    return {
      name,
      role,
      ended: keep(),
      get state() {
        return state
      },
      readyMs: () => (state === 'ready' ? clock.monotonicMs() - readySinceMs : 0),
      get pid() {
        return child.pid ?? 0
      },
      get address() {
        return address
      },
      kill(tree) {
        killed = true
        signal('SIGKILL', tree)
      },
      async stall(ms, tree) {
        const stopped = child
        state = 'stopped'
        signal('SIGSTOP', tree)
        await clock.sleep(ms, closing.signal).catch(() => {})
        // Where it was killed meanwhile, too: what it had started would stand still for ever.
        signal('SIGCONT', tree, stopped)
        if (child !== stopped) return
        state = 'ready'
        readySinceMs = clock.monotonicMs()
      },
    }
  }

  return {
    members,
    ownEnds,
    staleRefused: () => stale,
    async allReady() {
      const untilMs = clock.monotonicMs() + READY_MS_MAX
      while (members.some(({ state }) => state !== 'ready')) {
        if (clock.monotonicMs() > untilMs) {
          const late = members.filter(({ state }) => state !== 'ready').map(({ name }) => name)
          throw new Error(`${late.join(', ')} did not get ready; see the logs in ${options.folder}`)
        }
        await clock.sleep(50)
      }
    },
    async close() {
      closing.abort()
      for (const member of members) member.kill(true)
      await Promise.all(members.map(({ ended }) => ended))
      // What one of them has left behind may hold the other ends, and would keep this process.
      for (const { stdout, stderr } of lives) {
        stdout?.destroy()
        stderr?.destroy()
      }
    },
  }
}

function partsOf(role: Role): string {
  return role === 'scheduler' ? 'scheduler,notifier' : role
}

function addressIn(line: string): string | null {
  try {
    const { address } = JSON.parse(line) as { address?: unknown }
    return typeof address === 'string' ? address : null
  } catch {
    return null
  }
}
