import { appendFileSync } from 'node:fs'
import { join } from 'node:path'

import { openRemoteDoor } from '#cli/door/remote-door.ts'
import { MONTHS, writeMonth } from '#chaos/sample-pack.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Random } from '#kernel/random.ts'
import { startRun } from '#operations/runs/start.ts'
import { postTasksOperation } from '#operations/tasks/post.ts'

/** What servers have promised: each of it must come true. */
export interface Promises {
  /** Public id of the task → the number that it was posted with. */
  readonly tasks: Map<string, number>
  readonly runs: Set<string>
  /** Requests sent, and those of them that nobody answered well. */
  asked: number
  unanswered: number
}

export interface Load {
  readonly promises: Promises
  /** Asks until the signal says to stop; resolves when the last request has been answered or given up. */
  run(signal: AbortSignal): Promise<void>
}

export interface LoadOptions {
  readonly folder: string
  readonly key: string
  /** Addresses of the API servers that are up at this moment. */
  readonly addresses: () => readonly string[]
  /** Tasks that nobody has ended yet; null while nobody can tell. */
  readonly backlog: () => number | null
  readonly clock: Clock
  readonly random: Random
}

const REQUEST_MS_MAX = 8_000
const TASKS_AT_ONCE = 20
/** More than that waits: post no more for now. */
const BACKLOG_MAX = 120

/**
 * A service that posts tasks and starts runs, to whichever server is up. Under an idempotency key it
 * asks until it is answered; what was answered is written to `promises.ndjson` before it counts.
 */
export function openLoad(options: LoadOptions): Load {
  const { clock, random, folder } = options
  const promises: Promises = { tasks: new Map(), runs: new Set(), asked: 0, unanswered: 0 }
  let numbers = 0

  function keep(what: object): void {
    appendFileSync(join(folder, 'promises.ndjson'), `${JSON.stringify(what)}\n`)
  }

  /** Null: no server, or no answer. */
  async function ask<T>(
    work: (door: ReturnType<typeof openRemoteDoor>, signal: AbortSignal) => Promise<T>,
  ): Promise<T | null> {
    const up = options.addresses()
    const url = up[Math.floor(random.next() * up.length)]
    if (url === undefined) {
      await clock.sleep(100)
      return null
    }
    promises.asked++
    const over = new AbortController()
    const given = clock.sleep(REQUEST_MS_MAX, over.signal).then(
      () => over.abort(),
      () => {},
    )
    try {
      return await work(openRemoteDoor({ url, key: options.key, tenant: null }), over.signal)
    } catch {
      promises.unanswered++
      await clock.sleep(50)
      return null
    } finally {
      over.abort()
      await given
    }
  }

  async function post(signal: AbortSignal): Promise<void> {
    const tasks = Array.from({ length: 1 + Math.floor(random.next() * TASKS_AT_ONCE) }, () => {
      const number = ++numbers
      const ms = Math.floor(random.next() * 300)
      return { name: 'chaos.echo', payload: { number, ms }, idempotencyKey: `chaos-${number}` }
    })
    const retry = { attempts: 100, firstMs: 100, ceilingMs: 2_000 }
    const input = { tasks: tasks.map((task) => ({ ...task, retry })) }
    while (!signal.aborted) {
      const answer = await ask((door, over) => door.invoke(postTasksOperation, input, over))
      if (!answer || !('tasks' in answer)) continue
      for (const [index, { id }] of answer.tasks.entries()) {
        const number = tasks[index]?.payload.number ?? 0
        keep({ task: id, number })
        promises.tasks.set(id, number)
      }
      return
    }
  }

  async function start(): Promise<void> {
    const month = MONTHS[Math.floor(random.next() * MONTHS.length)] as string
    await writeMonth(folder, month, random)
    const input = { datasets: ['readings'], mode: 'run' as const }
    const answer = await ask((door, over) => door.invoke(startRun, input, over))
    if (!answer?.run) return
    keep({ run: answer.run.id })
    promises.runs.add(answer.run.id)
  }

  return {
    promises,
    async run(signal) {
      while (!signal.aborted) {
        const waiting = options.backlog()
        if (waiting !== null && waiting < BACKLOG_MAX) {
          if (random.next() < 0.75) await post(signal)
          else await start()
        }
        await clock.sleep(100, signal).catch(() => {})
      }
    },
  }
}
