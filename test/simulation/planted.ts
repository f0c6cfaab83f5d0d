import type { Catalog } from '#catalog/catalog.ts'
import type { Session } from '#catalog/session.ts'
import { MillraceError } from '#kernel/errors.ts'

/** Faults of ours in what the simulator watches; each of them must be found within some seeds. */
export const plantedFaults = [
  /** Nobody minds whether a lease is still his own. */
  'fence-not-checked',
  /** Ends are fenced, but versions are written whoever has the task by now. */
  'publish-without-lease',
  /** Tasks are given back, or tried again, whoever has them by now. */
  'return-without-lease',
  /** A publish writes its versions and forgets to end its tasks. */
  'tasks-left-open',
  /** The catalog names a file a moment before the lake has it. */
  'named-before-adopted',
] as const
export type Planted = (typeof plantedFaults)[number]

/** Which statement after the question for leases shows that the answer would have been passed over. */
const unfenced: Partial<Record<Planted, RegExp>> = {
  'fence-not-checked': /./,
  'publish-without-lease': /UPDATE tenant SET last_commit/,
  'return-without-lease': /\btasks_return\(/,
}

export function plant(planted: Planted | null, catalog: Catalog): Catalog {
  if (planted === null || planted === 'named-before-adopted') return catalog
  const faulty = <S extends Session>(session: S): S =>
    planted === 'tasks-left-open' ? withTasksLeftOpen(session) : withoutFence(session, planted)
  return {
    ...catalog,
    asTenant: (tenant, work) => catalog.asTenant(tenant, (session) => work(faulty(session))),
    asSystem: (work) => catalog.asSystem((session) => work(faulty(session))),
  }
}

function withTasksLeftOpen<S extends Session>(session: S): S {
  let publishes = false
  return {
    ...session,
    async query<Row extends object>(text: string, params?: readonly unknown[]): Promise<Row[]> {
      publishes ||= /INSERT INTO version\b/.test(text)
      if (publishes && text.includes('tasks_end(')) return []
      return session.query<Row>(text, params)
    },
  }
}

/** The question for leases is asked only when the next statement is another than the faulty one. */
function withoutFence<S extends Session>(session: S, planted: Planted): S {
  let question: { text: string; params: readonly unknown[] | undefined } | null = null
  return {
    ...session,
    async query<Row extends object>(text: string, params?: readonly unknown[]): Promise<Row[]> {
      if (text.includes('tasks_lost(')) {
        question = { text, params }
        return [{ lost: [] } as unknown as Row]
      }
      const asked = question
      question = null
      if (asked && !unfenced[planted]?.test(text)) {
        const [row] = await session.query<{ lost: number[] }>(asked.text, asked.params)
        if (row && row.lost.length > 0) {
          throw new MillraceError('lease-lost', { tasks: `tasks ${row.lost.join(', ')}` })
        }
      }
      return session.query<Row>(text, params)
    },
  }
}
