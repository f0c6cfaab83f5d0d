import type { Random } from '#kernel/random.ts'
import type { Actor } from './schedule.ts'

/**
 * lost-before: the connection breaks and nothing happened. lost-after: it happened, but nobody hears
 * of it. late: the answer takes its time. stall: the whole process stands still for longer than its
 * lease. die-before, die-after: the process is gone for good. twice: the same is done again.
 * fails: an error that passes.
 */
export type Fault =
  | 'lost-before'
  | 'lost-after'
  | 'late'
  | 'stall'
  | 'die-before'
  | 'die-after'
  | 'twice'
  | 'fails'

/** Which faults a point knows. A transaction's are named by what it is about. */
export const faultsOf = {
  connect: ['lost-before', 'late', 'stall', 'die-before'],
  statement: ['lost-before'],
  commit: ['lost-before', 'lost-after', 'late', 'stall', 'die-before', 'die-after'],
  adopt: ['lost-before', 'lost-after', 'late', 'stall', 'die-before', 'die-after', 'twice'],
  fetch: ['fails', 'late', 'die-before'],
  compute: ['late', 'stall', 'stall', 'die-before'],
  perform: ['late', 'stall', 'stall', 'die-after'],
  // After it took its time, or stood still.
  outcome: ['fails'],
} as const satisfies Record<string, readonly Fault[]>
export type PointKind = keyof typeof faultsOf

/** What a transaction is about, by the first of its statements that tells. */
const aboutStatements: readonly (readonly [RegExp, string])[] = [
  [/INSERT INTO version\b/, 'publish'],
  [/\bqueue_claim\(/, 'claim'],
  [/\bqueue_expire\(/, 'renew'],
  [/\bqueue_heartbeat\(/, 'renew'],
  [/INSERT INTO run\b/, 'start'],
  [/INSERT INTO background_task\b/, 'post'],
  [/\brun_cancel\(/, 'cancel'],
  [/\btasks_return\(/, 'return'],
  [/\btasks_end\(/, 'end'],
  [/INSERT INTO task_log\b/, 'log'],
]

export function aboutOf(statement: string): string | null {
  return aboutStatements.find(([pattern]) => pattern.test(statement))?.[1] ?? null
}

export interface Faults {
  /** What goes wrong here and now; null: nothing. */
  at(actor: Actor, kind: PointKind, about?: string | null): Fault | null
  /** Nothing goes wrong any more. */
  stop(): void
  /** How often each fault happened, by point: `publish.commit lost-after`. */
  readonly counts: ReadonlyMap<string, number>
}

/** Of a hundred passages by a point, so many go wrong. Statements are many, so fewer of them do. */
const RATES: Record<PointKind, number> = {
  connect: 2,
  statement: 1,
  commit: 6,
  adopt: 12,
  fetch: 6,
  compute: 12,
  perform: 12,
  outcome: 15,
}

/** Whoever cannot die loses the answer instead. */
const survived: Partial<Record<Fault, Fault>> = {
  'die-before': 'lost-before',
  'die-after': 'lost-after',
}

export function createFaults(random: Random): Faults {
  const counts = new Map<string, number>()
  let stopped = false
  return {
    counts,
    stop() {
      stopped = true
    },
    at(actor, kind, about = null) {
      if (stopped || random.next() * 100 >= RATES[kind]) return null
      const known: readonly Fault[] = faultsOf[kind]
      const drawn = known[Math.floor(random.next() * known.length)] as Fault
      const fault = actor.mortal ? drawn : (survived[drawn] ?? drawn)
      const name = `${about === null ? kind : `${about}.${kind}`} ${fault}`
      counts.set(name, (counts.get(name) ?? 0) + 1)
      return fault
    },
  }
}
