import type { PoolClient } from 'pg'

import type { Connection } from '#catalog/database.ts'
import type { Random } from '#kernel/random.ts'
import { aboutOf, type Faults } from './faults.ts'
import type { Actor, Schedule } from './schedule.ts'
import type { Gate } from './store.ts'

export interface GateParts {
  readonly schedule: Schedule
  readonly faults: Faults
  readonly random: Random
  readonly leaseMs: number
  /** A transaction of this actor is committed. */
  committed(actor: Actor, about: string): void
  die(actor: Actor): void
}

/** The way to the catalog: one transaction at a time, whose connection breaks as the seed wants it. */
export function createGate(parts: GateParts): Gate<Actor> {
  const { schedule, faults, random, leaseMs } = parts

  async function connect(actor: Actor, open: () => Promise<Connection>): Promise<Connection> {
    await schedule.wait(actor, 'connects')
    const fault = faults.at(actor, 'connect')
    if (fault === 'lost-before') throw broken('ECONNREFUSED')
    if (fault === 'die-before') return dead(actor)
    if (fault) await pause(actor, fault)
    const done = schedule.begin()
    const connection = await open()
    let ended = false
    let about: string | null = null
    const end = () => {
      if (ended) return
      ended = true
      connection.release()
      done()
    }
    const breakOff = async () => {
      await connection.client.query('ROLLBACK')
      end()
    }

    async function query(text: string, params?: unknown[]) {
      if (ended) throw broken('ECONNRESET')
      about ??= aboutOf(text)
      if (text === 'COMMIT') return commit(text)
      if (text !== 'ROLLBACK' && faults.at(actor, 'statement', about)) {
        await breakOff()
        throw broken('ECONNRESET')
      }
      return connection.client.query(text, params)
    }

    async function commit(text: string) {
      const what = about ?? 'read'
      const commitFault = faults.at(actor, 'commit', what)
      if (commitFault === 'lost-before' || commitFault === 'die-before') {
        await breakOff()
        if (commitFault === 'die-before') return dead(actor)
        throw broken('ECONNRESET')
      }
      const result = await connection.client.query(text)
      parts.committed(actor, what)
      if (commitFault === null) return result
      if (commitFault === 'die-after') parts.die(actor)
      end()
      if (commitFault === 'die-after') return never()
      if (commitFault === 'lost-after') throw broken('ECONNRESET')
      await pause(actor, commitFault)
      return result
    }

    return { client: { query } as unknown as PoolClient, release: end }
  }

  /** late: this answer only; stall: the whole process, for longer than its lease. */
  async function pause(actor: Actor, fault: string): Promise<void> {
    const now = schedule.nowMs()
    if (fault === 'stall') {
      actor.frozenUntilMs = now + leaseMs * (1.1 + random.next())
      return schedule.wait(actor, 'wakes up again')
    }
    return schedule.wait(actor, 'hears at last', now + 10 + random.next() * leaseMs)
  }

  function dead(actor: Actor): Promise<never> {
    parts.die(actor)
    return never()
  }

  return { connect, clock: schedule.clockOf, random }
}

function broken(code: string): Error {
  return Object.assign(new Error(`the simulator broke the connection (${code})`), { code })
}

function never(): Promise<never> {
  return new Promise(() => {})
}
