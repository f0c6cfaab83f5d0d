import { setImmediate as turn } from 'node:timers/promises'

import type { Clock } from '#kernel/clock.ts'
import type { Random } from '#kernel/random.ts'

/** Somebody who acts: a worker's process, a client. What it waits for never comes once it is dead. */
export interface Actor {
  readonly name: string
  /** False: it loses answers, but is never gone. */
  readonly mortal: boolean
  dead: boolean
  /** Nothing of it goes on before this moment of simulated time. */
  frozenUntilMs: number
}

export interface Schedule {
  readonly nowMs: () => number
  /** Resolves at `atMs` or later, when the seed picks it among all that could go on then. */
  wait(actor: Actor, what: string, atMs?: number, signal?: AbortSignal): Promise<void>
  /** Something that the simulator must not overtake has begun; returns what says that it has ended. */
  begin(): () => void
  /** Simulated time for this actor. */
  clockOf(actor: Actor): Clock
  /** Lets one actor go on, and waits until nothing moves; false: nobody waits for anything. */
  step(): Promise<boolean>
}

interface Waiting {
  readonly actor: Actor
  readonly what: string
  readonly atMs: number
  readonly place: number
  readonly resume: () => void
}

/** Of simulated time; any day will do. */
const EPOCH_MS = Date.UTC(2026, 0, 1)

/**
 * The order of everything. Actors run until they wait: for a moment, or for their turn at the catalog,
 * the lake, the engine. Only when all of them wait does the seed choose who goes on; time moves on
 * when nobody could. So one seed is one order, whatever the machine does meanwhile.
 */
export function createSchedule(random: Random, note: (line: string) => void): Schedule {
  const waiting = new Set<Waiting>()
  let nowMs = 0
  let places = 0
  let underWay = 0
  let rest = Promise.withResolvers<void>()

  function wait(actor: Actor, what: string, atMs = nowMs, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const onAbort = () => {
        waiting.delete(entry)
        reject(signal?.reason)
      }
      const resume = () => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }
      const entry: Waiting = { actor, what, atMs, place: ++places, resume }
      signal?.addEventListener('abort', onAbort, { once: true })
      waiting.add(entry)
    })
  }

  function dueMs({ atMs, actor }: Waiting): number {
    return Math.max(atMs, actor.frozenUntilMs)
  }

  async function settle(): Promise<void> {
    do {
      if (underWay > 0) await rest.promise
      // Whatever can go on by itself does so in promises and in these turns of the event loop.
      for (let turns = 0; turns < 3; turns++) await turn()
    } while (underWay > 0)
  }

  return {
    nowMs: () => nowMs,
    wait,
    begin() {
      if (underWay++ === 0) rest = Promise.withResolvers()
      return () => {
        if (--underWay === 0) rest.resolve()
      }
    },
    clockOf: (actor) => ({
      now: () => new Date(EPOCH_MS + nowMs),
      monotonicMs: () => nowMs,
      sleep: (ms, signal) => wait(actor, 'wakes', nowMs + Math.max(0, ms), signal),
    }),
    async step() {
      await settle()
      for (const entry of waiting) if (entry.actor.dead) waiting.delete(entry)
      if (waiting.size === 0) return false
      const earliestMs = Math.min(...[...waiting].map(dueMs))
      nowMs = Math.max(nowMs, earliestMs)
      const ready = [...waiting].filter((entry) => dueMs(entry) <= nowMs)
      const chosen = ready[Math.floor(random.next() * ready.length)] as Waiting
      waiting.delete(chosen)
      note(`${Math.round(nowMs)} ${chosen.actor.name} ${chosen.what}`)
      chosen.resume()
      await settle()
      return true
    },
  }
}
