import type { Wrap } from '#app/compose.ts'
import type { Catalog } from '#catalog/catalog.ts'
import type { Session } from '#catalog/session.ts'
import type { Lake } from '#lake/lake.ts'

/** Moments of a run that something can be hung on, in the order in which one task meets them. */
export const faultPoints = [
  'run.before-commit',
  'run.after-commit',
  'claim.after-commit',
  'stage',
  'adopt.before',
  'adopt.after',
  'publish.before-commit',
  'publish.after-commit',
  'end.before-commit',
  'end.after-commit',
] as const
export type FaultPoint = (typeof faultPoints)[number]

/** Where statements of the catalog tell what a transaction is about. */
const aboutStatements: readonly (readonly [RegExp, 'run' | 'claim' | 'publish' | 'end'])[] = [
  [/INSERT INTO version\b/, 'publish'],
  [/\btasks_(end|return)\(/, 'end'],
  [/\bqueue_claim\(/, 'claim'],
  [/INSERT INTO run\b|\brun_create\(/, 'run'],
]

export interface Watching {
  /** Called at each point, inside the work: what it does not return from never happens. */
  at(point: FaultPoint): void
  /** Versions of one publish, once their transaction is committed: they may never be lost again. */
  published(versionIds: readonly number[]): void
}

/** The stores with every point watched, and nothing else changed. */
export function watchStores(watching: Watching): Wrap {
  return {
    lake: (lake) => watchLake(lake, watching),
    catalog: (catalog) => watchCatalog(catalog, watching),
  }
}

function watchLake(lake: Lake, { at }: Watching): Lake {
  return {
    ...lake,
    async staging(attempt) {
      at('stage')
      return lake.staging(attempt)
    },
    async adopt(staged, toPath, options) {
      at('adopt.before')
      const file = await lake.adopt(staged, toPath, options)
      at('adopt.after')
      return file
    },
  }
}

function watchCatalog(catalog: Catalog, { at, published }: Watching): Catalog {
  async function watch<S extends Session, T>(
    transact: (work: (session: S) => Promise<T>) => Promise<T>,
    work: (session: S) => Promise<T>,
  ): Promise<T> {
    const seen: { about: string | null } = { about: null }
    let versionIds: readonly number[] = []
    const result = await transact(async (session) => {
      seen.about = null
      const value = await work({
        ...session,
        async query<Row extends object>(text: string, params?: readonly unknown[]): Promise<Row[]> {
          const rows = await session.query<Row>(text, params)
          seen.about ??= aboutStatements.find(([pattern]) => pattern.test(text))?.[1] ?? null
          if (/INSERT INTO version\b/.test(text)) {
            versionIds = (rows[0] as { ids: number[] } | undefined)?.ids ?? []
          }
          return rows
        },
      })
      if (seen.about !== 'claim') reach(seen, 'before-commit')
      return value
    })
    if (versionIds.length > 0) published(versionIds)
    reach(seen, 'after-commit')
    return result
  }
  function reach({ about }: { readonly about: string | null }, moment: string): void {
    if (about !== null) at(`${about}.${moment}` as FaultPoint)
  }
  return {
    ...catalog,
    asTenant: (tenant, work) => watch((inner) => catalog.asTenant(tenant, inner), work),
    asSystem: (work) => watch((inner) => catalog.asSystem(inner), work),
  }
}
