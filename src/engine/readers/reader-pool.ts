import { fork } from 'node:child_process'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { Clock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { InstanceSetup } from '#engine/readers/reader-protocol.ts'
import { superviseReader, type ReaderProcess } from '#engine/readers/reader-process.ts'
import { residentBytes } from '#engine/resident-memory.ts'

/** Children with instances of tenants, and which of them takes whose next task. */
export interface ReaderPool {
  /** Gives `work` a child alone, with an instance of the tenant; the caller has a slot. */
  use<T>(tenantId: number, work: (turn: Turn) => Promise<T>): Promise<T>
  warm(): void
  close(): Promise<void>
}

export interface Turn {
  readonly process: ReaderProcess
  readonly setup: InstanceSetup
  /** The folder of `setup` as this process sees it. */
  readonly folder: string
}

export interface ReaderPoolOptions {
  readonly folder: string
  /** Callers at the same time, at most: there are never more children. */
  readonly slots: number
  readonly memoryBytes: number
  readonly threads: number
  readonly clock: Clock
  readonly instancesPerChild?: number
  readonly idleMs?: number
  readonly queriesPerInstance?: number
}

interface Held {
  queries: number
  lastMs: number
}

interface Awaiting {
  readonly tenantId: number
  readonly accept: (member: Member) => void
}

interface Member {
  readonly process: ReaderProcess
  readonly folder: string
  /** By tenant, the least recently used first. */
  readonly instances: Map<number, Held>
  tasks: number
}

/** What a child may hold beyond the memory of one instance before it is killed. */
const ALLOWANCE_BYTES = 400e6
/** What a child may hold while it is idle before another one takes its place. */
const IDLE_BYTES_MAX = 300e6
/** What leaks in the process, whosever it is, ends with it. */
const TASKS_PER_CHILD = 20_000
/** About what it takes to open an instance and to bind its files. */
const HOME_WAIT_MS = 40
/** Instances in a child beyond which another child is started, where there may be one. */
const CROWDED = 4
const TIDY_EVERY_MS = 10_000

export function openReaderPool(options: ReaderPoolOptions): ReaderPool {
  const { clock, memoryBytes, threads } = options
  const instancesMax = options.instancesPerChild ?? 64
  const idleMs = options.idleMs ?? 300_000
  const queriesMax = options.queriesPerInstance ?? 1000
  const idle: Member[] = []
  const all = new Set<Member>()
  const awaiting: Awaiting[] = []
  let made = 0
  let closed = false
  const tidying = setInterval(tidy, TIDY_EVERY_MS)
  tidying.unref()

  function add(): Member {
    const folder = join(options.folder, `reader-${++made}`)
    const process = superviseReader(startChild(), { clock, allowanceBytes: ALLOWANCE_BYTES })
    const member: Member = { process, folder, instances: new Map(), tasks: 0 }
    all.add(member)
    void process.ended.then(() => {
      all.delete(member)
      const at = idle.indexOf(member)
      if (at >= 0) idle.splice(at, 1)
      return rm(folder, { recursive: true, force: true }).catch(() => {})
    })
    return member
  }

  /**
   * A child that has the tenant's instance, for which a busy one is waited for as long as opening
   * another instance would take; else the one with the fewest, or a new one.
   */
  async function pick(tenantId: number): Promise<Member> {
    const known = idle.find(({ instances }) => instances.has(tenantId))
    if (known) return take(known)
    const isElsewhere = [...all].some(
      ({ instances, process }) => process.usable && instances.has(tenantId),
    )
    if (!isElsewhere) return pickAny()
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        awaiting.splice(awaiting.indexOf(claim), 1)
        resolve(pickAny())
      }, HOME_WAIT_MS)
      const claim: Awaiting = {
        tenantId,
        accept: (member) => {
          clearTimeout(timer)
          resolve(member)
        },
      }
      awaiting.push(claim)
    })
  }

  function pickAny(): Member {
    const [fewest] = idle.toSorted((a, b) => a.instances.size - b.instances.size)
    const isRoomy = fewest && (fewest.instances.size < CROWDED || all.size >= options.slots)
    return isRoomy ? take(fewest) : add()
  }

  function take(member: Member): Member {
    idle.splice(idle.indexOf(member), 1)
    return member
  }

  function drop({ process, instances }: Member, tenantId: number): void {
    instances.delete(tenantId)
    process.drop(tenantId)
  }

  function tidy(): void {
    const now = clock.monotonicMs()
    for (const member of idle) {
      for (const [tenantId, { lastMs }] of member.instances) {
        if (now - lastMs >= idleMs) drop(member, tenantId)
      }
    }
  }

  function giveBack(member: Member): void {
    const { process } = member
    const isSpent =
      !process.usable ||
      member.tasks >= TASKS_PER_CHILD ||
      (process.pid !== undefined && (residentBytes(process.pid) ?? 0) > IDLE_BYTES_MAX)
    if (closed || isSpent) return void process.end()
    const at = awaiting.findIndex(({ tenantId }) => member.instances.has(tenantId))
    const [next] = at < 0 ? [] : awaiting.splice(at, 1)
    if (next) next.accept(member)
    else idle.push(member)
  }

  return {
    async use(tenantId, work) {
      if (closed) throw new MillraceError('engine-closed', { subject: 'a query' })
      const member = await pick(tenantId)
      const { process, instances } = member
      const folder = join(member.folder, `tenant-${tenantId}`)
      try {
        if ((instances.get(tenantId)?.queries ?? 0) >= queriesMax) drop(member, tenantId)
        const held = instances.get(tenantId) ?? { queries: 0, lastMs: 0 }
        if (held.queries === 0) await mkdir(folder, { recursive: true, mode: 0o700 })
        instances.delete(tenantId)
        instances.set(tenantId, held)
        held.queries++
        member.tasks++
        const [oldest] = instances.keys()
        if (instances.size > instancesMax && oldest !== undefined) drop(member, oldest)
        const setup = { tenantId, folder, memoryBytes, threads }
        const result = await work({ process, setup, folder })
        held.lastMs = clock.monotonicMs()
        return result
      } finally {
        giveBack(member)
      }
    },
    warm() {
      if (!closed && all.size === 0) idle.push(add())
    },
    async close() {
      closed = true
      clearInterval(tidying)
      await Promise.all(Array.from(all, ({ process }) => process.end()))
    },
  }
}

function startChild() {
  return fork(fileURLToPath(new URL(`./child${EXTENSION}`, import.meta.url)), {
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    execArgv: [],
    env: { NODE_NO_WARNINGS: '1', TZ: 'UTC', LANG: 'C.UTF-8' },
  })
}

/** `.ts` in the repository, `.js` in the published package. */
const EXTENSION = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
