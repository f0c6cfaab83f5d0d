import type { SystemSession } from '#catalog/session.ts'

/** Company staff: people who may be at work for any tenant. */
export interface Operator {
  readonly userId: string
  readonly email: string
  readonly name: string
  readonly hasTotp: boolean
}

/** At most 1,000. */
export async function listOperators(session: SystemSession): Promise<Operator[]> {
  return session.query<Operator>(
    'SELECT id AS "userId", email, name, has_totp AS "hasTotp" FROM operator_list()',
  )
}

/** `unknown`: nobody (no operator, where it takes the right away); `last`: no other would be left. */
export async function setOperator(
  session: SystemSession,
  email: string,
  isOperator: boolean,
): Promise<'set' | 'unknown' | 'last'> {
  const [row] = await session.query<{ outcome: 'set' | 'unknown' | 'last' }>(
    'SELECT operator_set($1, $2) AS outcome',
    [email, isOperator],
  )
  return row?.outcome ?? 'unknown'
}
