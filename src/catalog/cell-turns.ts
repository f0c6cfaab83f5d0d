import type { SystemSession } from '#catalog/session.ts'

/*
 * Who does the work of a cell, kept in the directory:
 *
 *   nobody ── due: take ──► held by a process, which says so again and again (hold)
 *     ▲                        │ nothing to do for a while: settle, look what is due next
 *     └── release (next due) ──┘
 *
 * `wake` makes a cell due. `settle` comes before the look at the cell, so that what is asked for
 * during the look makes it due again. A holder that dies loses the cell when its time is over.
 */

/** Somebody has asked for something in the cell. */
export async function wakeCell(session: SystemSession, name: string): Promise<void> {
  await session.query('SELECT cell_wake($1)', [name])
}

/** Names of cells that are due and are this process's from now on. */
export async function takeCells(
  session: SystemSession,
  {
    holder,
    holdMs,
    max,
  }: { readonly holder: string; readonly holdMs: number; readonly max: number },
): Promise<string[]> {
  const rows = await session.query<{ name: string }>('SELECT cell_take($1, $2, $3) AS name', [
    holder,
    holdMs,
    max,
  ])
  return rows.map(({ name }) => name)
}

/** Takes one or keeps it; false: another process has it. */
export async function holdCell(
  session: SystemSession,
  name: string,
  holder: string,
  holdMs: number,
): Promise<boolean> {
  const [row] = await session.query<{ held: boolean }>('SELECT cell_hold($1, $2, $3) AS held', [
    name,
    holder,
    holdMs,
  ])
  return row?.held ?? false
}

export async function settleCell(
  session: SystemSession,
  name: string,
  holder: string,
): Promise<void> {
  await session.query('SELECT cell_settle($1, $2)', [name, holder])
}

/** Lets go of it until `nextMs` from now. */
export async function releaseCell(
  session: SystemSession,
  name: string,
  holder: string,
  nextMs: number,
): Promise<void> {
  await session.query('SELECT cell_release($1, $2, $3)', [name, holder, nextMs])
}

/** At the start of an embedded home: the process that held cells is gone. */
export async function freeCells(session: SystemSession): Promise<void> {
  await session.query('SELECT cell_free_all()')
}

/** In a cell: milliseconds until something happens in it by itself; null: nothing is foreseen. */
export async function nextDueMs(session: SystemSession): Promise<number | null> {
  const [row] = await session.query<{ ms: number | null }>('SELECT cell_next_due() AS ms')
  return row?.ms ?? null
}
