import { toMillraceError } from '#kernel/errors.ts'
import type { Parts } from '#operations/parts.ts'

export interface Finding {
  readonly name: string
  readonly state: 'ok' | 'warning' | 'problem'
  /** What was found, with figures. */
  readonly detail: string
  /** The way out; null where nothing is wrong. */
  readonly remedy: string | null
}

export type Check = (parts: Parts, signal: AbortSignal) => Promise<Omit<Finding, 'name'>>

export function ok(detail: string): Omit<Finding, 'name'> {
  return { state: 'ok', detail, remedy: null }
}

/** A check that throws has found a problem: its error says what and the way out. */
export async function toFinding(
  name: string,
  check: () => Promise<Omit<Finding, 'name'>>,
): Promise<Finding> {
  try {
    return { name, ...(await check()) }
  } catch (thrown) {
    const error = toMillraceError(thrown)
    return { name, state: 'problem', detail: error.message, remedy: error.remedy }
  }
}
