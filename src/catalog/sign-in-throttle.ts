import type { SystemSession } from '#catalog/session.ts'

/** How failures slow somebody down: `free` cost nothing, then `delayMs`, twice that, … `longestMs`. */
export interface ThrottleRule {
  readonly free: number
  readonly delayMs: number
  readonly longestMs: number
  /** One failure is forgotten in each. */
  readonly forgetMs: number
}

/** For how many milliseconds a subject is closed; 0: it is open. */
export async function throttleWait(session: SystemSession, subject: string): Promise<number> {
  const [row] = await session.query<{ ms: number }>('SELECT throttle_wait($1) AS ms', [subject])
  return row?.ms ?? 0
}

/** Counts a failure; of a subject that is closed none, and for how many milliseconds it is. */
export async function countFailure(
  session: SystemSession,
  subject: string,
  { free, delayMs, longestMs, forgetMs }: ThrottleRule,
): Promise<number> {
  const [row] = await session.query<{ ms: number }>(
    `SELECT throttle_count($1, $2, $3::float8 * interval '1 millisecond',
       $4::float8 * interval '1 millisecond', $5::float8 * interval '1 millisecond') AS ms`,
    [subject, free, delayMs, longestMs, forgetMs],
  )
  return row?.ms ?? 0
}

/** What was counted was no failure. */
export async function undoFailure(session: SystemSession, subject: string): Promise<void> {
  await session.query('SELECT throttle_undo($1)', [subject])
}

export async function clearFailures(session: SystemSession, subject: string): Promise<void> {
  await session.query('SELECT throttle_clear($1)', [subject])
}
