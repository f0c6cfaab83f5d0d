import type { SystemSession } from '#catalog/session.ts'

/**
 * True for one caller of all processes in `everyMs`: that one does the chore. It is taken when it is
 * begun, so a process that dies in the middle leaves it to the next time.
 */
export async function takeChore(
  session: SystemSession,
  name: string,
  everyMs: number,
): Promise<boolean> {
  const [row] = await session.query<{ ours: boolean }>('SELECT chore_take($1, $2) AS ours', [
    name,
    everyMs,
  ])
  return row?.ours ?? false
}
