import { AsyncLocalStorage } from 'node:async_hooks'

import type { Connection, Database } from '#catalog/database.ts'
import { faultOf, refusalOf } from '#catalog/faults.ts'
import type { Session } from '#catalog/session.ts'
import type { Clock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Random } from '#kernel/random.ts'
import { backoffMs } from '#kernel/retry.ts'

const TRIES = 5
const backoff = { firstMs: 20, factor: 3, ceilingMs: 2_000 }

/** Runs `work` in one transaction that begins with the statements of `prelude`. */
export type Transact = <T>(prelude: string, work: (session: Session) => Promise<T>) => Promise<T>

/**
 * Transactions over a database, one after the other where there is one session only.
 *
 *   connect → BEGIN + prelude → work → COMMIT
 *
 * Deadlocks, serialization failures and connections lost before the COMMIT was sent are tried again
 * from the start. A connection lost during the COMMIT leaves its outcome unknown: that is
 * `catalog-unreachable`, and the caller must look.
 */
export function createTransactions(
  database: Database,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): Transact {
  const current = new AsyncLocalStorage<{ open: boolean }>()

  return async (prelude, work) => {
    if (current.getStore()?.open) throw new MillraceError('catalog-nested')
    for (let attempt = 1; ; attempt++) {
      try {
        return await once(prelude, work)
      } catch (error) {
        const fault = error instanceof CommitUnknown ? null : faultOf(error)
        if (fault !== null && attempt < TRIES) {
          await clock.sleep(backoffMs(backoff, attempt, random))
          continue
        }
        throw fault === 'lost' || error instanceof CommitUnknown
          ? unreachable(error)
          : (refusalOf(error) ?? error)
      }
    }
  }

  async function once<T>(prelude: string, work: (session: Session) => Promise<T>): Promise<T> {
    const connection = await database.connect()
    const state = { open: true }
    try {
      await connection.client.query(`BEGIN; ${prelude}`)
      const result = await current.run(state, () => work(sessionOf(connection, state)))
      state.open = false
      await commit(connection)
      connection.release()
      return result
    } catch (error) {
      state.open = false
      await rollback(connection, error)
      throw error
    }
  }

  function unreachable(error: unknown): MillraceError {
    const message = error instanceof Error ? error.message || error.name : String(error)
    return new MillraceError(
      'catalog-unreachable',
      { place: database.place, message },
      { cause: error },
    )
  }
}

class CommitUnknown extends Error {}

async function commit({ client }: Connection): Promise<void> {
  let command: string
  try {
    command = (await client.query('COMMIT')).command
  } catch (error) {
    if (faultOf(error) !== 'lost') throw error
    throw new CommitUnknown('the connection was lost during COMMIT, its outcome is unknown', {
      cause: error,
    })
  }
  if (command !== 'COMMIT') {
    throw new MillraceError('internal', {
      message: 'a statement of a transaction was refused, and its error was passed over',
    })
  }
}

async function rollback(connection: Connection, error: unknown): Promise<void> {
  if (error instanceof CommitUnknown || faultOf(error) === 'lost') return connection.release(true)
  try {
    await connection.client.query('ROLLBACK')
    connection.release()
  } catch {
    connection.release(true)
  }
}

function sessionOf({ client }: Connection, state: { readonly open: boolean }): Session {
  return {
    async query<Row extends object>(text: string, params: readonly unknown[] = []): Promise<Row[]> {
      if (!state.open) throw new MillraceError('catalog-session-ended')
      const result = await client.query<Row>(text, params as unknown[])
      return result.rows
    },
  }
}
