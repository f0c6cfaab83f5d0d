import type { LimitScope } from '#catalog/limits.ts'
import type { PauseScope } from '#catalog/pauses.ts'
import type { SystemSession } from '#catalog/session.ts'
import type { TaskClass, TaskHandler, TaskState } from '#model/run.ts'

/** The one thing that holds a task back now, or what became of it. Times are ISO texts. */
export type Why =
  | { readonly reason: 'ended'; readonly state: TaskState; readonly since: string }
  | {
      readonly reason: 'running'
      readonly worker: string
      readonly since: string
      /** Until when its lease lasts. */
      readonly until: string
      readonly attempt: number
      readonly cancelling: boolean
    }
  | {
      readonly reason: 'inputs'
      readonly count: number
      readonly first: {
        readonly task: number
        readonly dataset: string
        readonly partition: string
        readonly state: TaskState
      }
    }
  | { readonly reason: 'time' | 'retry'; readonly until: string; readonly attempt: number }
  | {
      readonly reason: 'paused'
      readonly scope: PauseScope
      readonly value: string
      /** For all tenants. */
      readonly everywhere: boolean
      readonly because: string
      readonly since: string
    }
  | {
      readonly reason: 'limit' | 'rate'
      readonly scope: LimitScope
      readonly value: string
      readonly everywhere: boolean
      readonly running: number
      readonly max: number
      readonly withinMs: number | null
      /** When the rate allows the next start. */
      readonly until: string | null
    }
  | {
      readonly reason: 'key'
      readonly key: string
      readonly max: number
      readonly running: number
      /** Id of a task that has the key now. */
      readonly first: number
      /** Tasks with this key that come before it. */
      readonly ahead: number
    }
  | { readonly reason: 'pull'; readonly name: string; readonly ahead: number }
  | (Workers & {
      readonly reason: 'no-worker'
      readonly handler: TaskHandler
      readonly tags: readonly string[]
    })
  | (Workers & {
      /** `soon`: nothing holds it back, the next claim of a free slot takes it or one ahead of it. */
      readonly reason: 'slots' | 'soon'
      readonly class: TaskClass
      /** The tenant's ready tasks that go before it, at most 10,000. */
      readonly ahead: number
      /** Slots that the tenant has, its weight, and that of all tenants that want some. */
      readonly tenantBusy: number
      readonly weight: number
      readonly weights: number
    })

/** Workers that live: all, those that do such tasks, those of them that have its tags, too. */
interface Workers {
  readonly alive: number
  readonly doing: number
  readonly able: number
  readonly slots: number
  readonly busy: number
}

/** Null when the tenant has no such task. It may be a moment behind. */
export async function whyTask(
  session: SystemSession,
  tenantId: number,
  taskId: number,
): Promise<Why | null> {
  const [row] = await session.query<{ why: Why | null }>('SELECT task_why($1, $2) AS why', [
    tenantId,
    taskId,
  ])
  return row?.why ?? null
}
