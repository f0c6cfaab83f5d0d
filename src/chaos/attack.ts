import type { Deployment, Member, Role } from '#chaos/deployment.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Random } from '#kernel/random.ts'

export interface Quota {
  readonly kills: number
  readonly stalls: number
}

export interface AttackOptions {
  readonly deployment: Deployment
  readonly quota: Quota
  readonly leaseMs: number
  readonly clock: Clock
  readonly random: Random
  /** What a worker is at work on, for the coverage; null: nobody can tell at the moment. */
  readonly workOf: (pid: number) => Promise<readonly string[] | null>
  /** Faults that are no process's: connections cut, a database that restarts, a lake that stutters. */
  readonly others: Readonly<Record<string, () => Promise<void>>>
  readonly report: (line: string) => void
}

/** `kill worker tree while build, background` → how often. */
export type Coverage = Map<string, number>

export interface Attacked {
  readonly kills: number
  readonly stalls: number
  readonly coverage: Coverage
}

/** Workers do most of what can go wrong. */
const WEIGHTS: Record<Role, number> = { worker: 8, api: 2, scheduler: 1 }
/** A process that starts is hit as well, but seldom: or nothing would ever get done. */
const STARTING_SHARE = 0.05
/** Who has just got ready is left to begin something, for a while that chance decides. */
const SPARED_MS = 3_000
const OTHERS_EVERY = 12
const STALLED_AT_ONCE = 2
const IDLE_SPARED = 0.9

/** Hits the deployment at random moments until the quota is reached or the signal says to stop. */
export async function attack(options: AttackOptions, signal: AbortSignal): Promise<Attacked> {
  const { deployment, quota, leaseMs, clock, random, others, report } = options
  const coverage: Coverage = new Map()
  const stalling = new Set<Promise<void>>()
  let kills = 0
  let stalls = 0
  let hits = 0
  const count = (what: string) => coverage.set(what, (coverage.get(what) ?? 0) + 1)

  function victim(): Member | null {
    const starts = random.next() < STARTING_SHARE
    const candidates = deployment.members
      .filter(({ state, readyMs }) =>
        starts ? state === 'starting' : readyMs() > random.next() * SPARED_MS,
      )
      .flatMap((member) => Array.from({ length: WEIGHTS[member.role] }, () => member))
    return candidates[Math.floor(random.next() * candidates.length)] ?? null
  }

  async function describe({ role, state, pid }: Member): Promise<string> {
    if (state === 'starting') return `${role} while it starts`
    if (role !== 'worker') return role
    return describeWork(await options.workOf(pid))
  }

  async function kill(member: Member): Promise<void> {
    const what = await describe(member)
    const tree = random.next() < 0.5
    member.kill(tree)
    kills++
    count(`kill ${tree ? 'tree of' : 'alone'} ${what}`)
    if (kills % 25 === 0) report(`${kills} kills, ${stalls} stalls`)
  }

  /** Of a worker that has tasks, for the others have nothing that could go stale. */
  async function stall(member: Member): Promise<void> {
    const work = await options.workOf(member.pid)
    if (work !== null && work.length === 0 && random.next() < IDLE_SPARED) return
    if (stalls >= quota.stalls || member.state !== 'ready') return
    const tree = random.next() < 0.5
    stalls++
    count(`stall ${tree ? 'tree of' : 'alone'} ${describeWork(work)}`)
    await member.stall(leaseMs * (1.2 + random.next() * 0.8), tree)
  }

  while (!signal.aborted && (kills < quota.kills || stalls < quota.stalls)) {
    await clock.sleep(20 + random.next() * 500, signal).catch(() => {})
    const member = victim()
    if (signal.aborted || !member) continue
    if (++hits % OTHERS_EVERY === 0) {
      const names = Object.keys(others)
      const name = names[Math.floor(random.next() * names.length)]
      if (name !== undefined) {
        count(name)
        await others[name]?.()
        continue
      }
    }
    const left = quota.kills - kills
    const stallsLeft = quota.stalls - stalls
    const stallsNow = random.next() * (left + stallsLeft) < stallsLeft
    if (stallsNow) {
      if (member.role !== 'worker' || stalling.size >= STALLED_AT_ONCE) continue
      const one: Promise<void> = stall(member).finally(() => stalling.delete(one))
      stalling.add(one)
    } else if (left > 0) await kill(member)
  }
  await Promise.all(stalling)
  return { kills, stalls, coverage }
}

function describeWork(work: readonly string[] | null): string {
  if (work === null) return 'worker that nobody could ask'
  return work.length === 0 ? 'worker without tasks' : `worker while ${work.join(', ')}`
}
